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

    /// A selector as a set of bits: one per status code, then one per origin.
    @usableFromInline
    package struct Bits: Hashable, Sendable, BitwiseCopyable {
        @usableFromInline var rawValue: UInt32

        @usableFromInline
        package init(rawValue: UInt32 = 0) { self.rawValue = rawValue }

        package var isEmpty: Bool { rawValue == 0 }

        package func union(_ other: Bits) -> Bits { Bits(rawValue: rawValue | other.rawValue) }

        private func has(_ code: StatusCode) -> Bool { rawValue & 1 << UInt32(code.rawValue) != 0 }

        private func has(_ origin: Origin) -> Bool { rawValue & origin.bit != 0 }

        /// Whether that failure is picked.
        package func matches(_ error: any Error) -> Bool {
            if let error = error as? FallbackError { return matches(error.failure) }
            if error is Rejection { return has(.rejected) }
            if error is TimeoutError { return has(.timeout) }
            // Whoever makes a pipeline's call says which values will not do; there is nothing left to select.
            if error is UnacceptableValue { return true }
            guard let status = error as? any StatusError else { return has(.unknown) }
            if status.isConnectionError, has(.connection) { return true }
            return has(status.code)
        }
    }

    /// The codes that are picked.
    public let codes: Set<StatusCode>
    /// The origins that are picked, whatever the code.
    public let origins: Set<Origin>
    package let bits: Bits

    /// Makes a selector that picks a failure with any of the codes or from any of the origins.
    public init(codes: Set<StatusCode> = [], origins: Set<Origin> = []) {
        self.codes = codes
        self.origins = origins
        let codeBits: UInt32 = codes.reduce(0) { $0 | 1 << UInt32($1.rawValue) }
        bits = Bits(rawValue: origins.reduce(codeBits) { $0 | $1.bit })
    }

    /// Whether that failure is picked. A rejection or a timeout is picked by its origin only, since its code is Holdfast's own; an
    /// ``UnacceptableValue`` always.
    public func matches(_ error: any Error) -> Bool {
        bits.matches(error)
    }
}

extension FailureSelector.Origin {
    /// Above the seventeen codes.
    fileprivate var bit: UInt32 {
        switch self {
        case .timeout: 1 << 17
        case .connection: 1 << 18
        case .rejected: 1 << 19
        }
    }
}

extension FailureSelector {
    /// What is picked as in "UNAVAILABLE, connection or timeout".
    var words: String {
        let names = codes.sorted { $0.rawValue < $1.rawValue }.map(\.name) + Origin.allCases.filter { origins.contains($0) }.map(\.rawValue)
        return names.isEmpty ? "nothing" : Words.list(names, "or")
    }
}
