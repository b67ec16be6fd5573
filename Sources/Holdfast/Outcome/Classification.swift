/// Decides which errors are failures of the service: one function from the error of an attempt to an ``Outcome``.
///
/// An error that is no ``StatusError`` counts as `UNKNOWN`. Rejections by a policy further in are ignored and
/// cancellations are neutral, whatever the sets say.
public struct Classification: Hashable, Sendable {
    /// The codes that count as failures of the service.
    public let failures: Set<StatusCode>
    /// The codes that count neither way. All others are successes: the service answered, the caller was to blame.
    public let ignored: Set<StatusCode>

    /// The sets as bits, failures in the lower half.
    let bits: UInt64

    /// The codes that are failures unless told otherwise.
    public static let defaultFailures: Set<StatusCode> = [.unavailable, .deadlineExceeded, .internalError, .unknown, .dataLoss]
    /// The codes that are ignored unless told otherwise: they prove the service alive, and one tenant's quota must not open everybody's breaker.
    public static let defaultIgnored: Set<StatusCode> = [.resourceExhausted, .aborted, .cancelled]

    /// The defaults.
    public static let standard = Classification(uncheckedFailures: defaultFailures, ignored: defaultIgnored)

    /// Makes a classification.
    /// - Parameters:
    ///   - failures: replaces ``defaultFailures``; a code named here is no longer ignored by default.
    ///   - ignored: replaces ``defaultIgnored``; a code named here is no longer a failure by default.
    /// - Throws: ``ConfigurationError`` when a code is in both given sets.
    public init(failures: Set<StatusCode>? = nil, ignored: Set<StatusCode>? = nil) throws(ConfigurationError) {
        if let failures, let ignored, let both = failures.intersection(ignored).min(by: { $0.rawValue < $1.rawValue }) {
            throw ConfigurationError("ignore", both.name, "cannot be a failure and ignored at once; name it in one list only")
        }
        self.init(
            uncheckedFailures: failures ?? Self.defaultFailures.subtracting(ignored ?? []),
            ignored: ignored ?? Self.defaultIgnored.subtracting(failures ?? [])
        )
    }

    private init(uncheckedFailures failures: Set<StatusCode>, ignored: Set<StatusCode>) {
        self.failures = failures
        self.ignored = ignored
        let failureBits: UInt64 = failures.reduce(0) { $0 | 1 << UInt64($1.rawValue) }
        bits = ignored.reduce(failureBits) { $0 | 1 << UInt64(32 + $1.rawValue) }
    }

    /// What that error says about the service.
    public func outcome(of error: any Error) -> Outcome {
        Self.outcome(of: error, bits: bits)
    }

    static func outcome(of error: any Error, bits: UInt64) -> Outcome {
        if error is CancellationError { return .cancelled }
        if error is Rejection { return .ignored }
        if error is UnacceptableValue { return .failure }
        if let error = error as? FallbackError { return outcome(of: error.failure, bits: bits) }
        let code = (error as? any StatusError)?.code ?? .unknown
        if bits & 1 << UInt64(code.rawValue) != 0 { return .failure }
        return bits & 1 << UInt64(32 + code.rawValue) != 0 ? .ignored : .success
    }
}
