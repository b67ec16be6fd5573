/// Picks failures by status code and by where they come from; what `on` lists in policy files.
public struct FailureSelector: Hashable, Sendable {
    /// Where a failure comes from, besides its code.
    public enum Origin: String, Hashable, Sendable, CaseIterable {
        /// A timeout policy or the caller's deadline expired.
        case timeout
        /// The connection failed.
        case connection
        /// A policy refused the call.
        case rejected
    }

    /// The codes that are picked.
    public let codes: Set<StatusCode>
    /// The origins that are picked, whatever the code.
    public let origins: Set<Origin>

    /// Makes a selector that picks a failure with any of the codes or from any of the origins.
    public init(codes: Set<StatusCode> = [], origins: Set<Origin> = []) {
        self.codes = codes
        self.origins = origins
    }

    /// Whether that failure is picked. A rejection or a timeout is picked by its origin only, since its code is Holdfast's own.
    public func matches(_ error: any Error) -> Bool {
        if let error = error as? FallbackError { return matches(error.failure) }
        if error is Rejection { return origins.contains(.rejected) }
        if error is TimeoutError { return origins.contains(.timeout) }
        guard let status = error as? any StatusError else { return codes.contains(.unknown) }
        if status.isConnectionError, origins.contains(.connection) { return true }
        return codes.contains(status.code)
    }
}
