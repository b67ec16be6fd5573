/// A policy refused a call before its work began.
public struct Rejection: StatusError, Hashable, CustomStringConvertible {
    /// Why a policy refused.
    public struct Reason: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
        /// The reason as it stands in events, journals and messages.
        public let rawValue: String

        /// Makes a reason of a policy of your own.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// The same as ``rawValue``.
        public var description: String { rawValue }

        /// The circuit breaker is open.
        public static let open = Reason(rawValue: "open")
        /// The circuit breaker is half-open and all its probes are under way.
        public static let probing = Reason(rawValue: "probing")
        /// The circuit breaker has just closed and lets traffic come back by and by.
        public static let ramping = Reason(rawValue: "ramping")
        /// An operator isolated the circuit breaker.
        public static let isolated = Reason(rawValue: "isolated")
        /// As many calls run as may at once.
        public static let full = Reason(rawValue: "full")
        /// The service turns away so many calls that this one was not sent.
        public static let throttled = Reason(rawValue: "throttled")
        /// Resources run short, and the call matters too little.
        public static let shed = Reason(rawValue: "shed")
        /// The quota is used up.
        public static let quota = Reason(rawValue: "quota")
        /// Nobody has asked for the call's key yet, and no more keys can be told apart at once.
        public static let tooManyKeys = Reason(rawValue: "tooManyKeys")
        /// The queue is full.
        public static let queueFull = Reason(rawValue: "queueFull")
        /// The wait ended before a permit came free.
        public static let waitedTooLong = Reason(rawValue: "waitedTooLong")
        /// No time was left before the deadline.
        public static let deadlinePassed = Reason(rawValue: "deadlinePassed")
    }

    /// The name of the policy that refused.
    public let policy: String
    /// Its kind.
    public let kind: PolicyKind
    /// Why.
    public let reason: Reason
    /// When to try again, counted from the refusal; nil when that is not known.
    public let retryAfter: Duration?

    /// Makes a rejection.
    public init(policy: String, kind: PolicyKind, reason: Reason, retryAfter: Duration? = nil) {
        self.policy = policy
        self.kind = kind
        self.reason = reason
        self.retryAfter = retryAfter
    }

    /// `RESOURCE_EXHAUSTED` for quotas and limits, `DEADLINE_EXCEEDED` when no time was left, else `UNAVAILABLE`.
    public var code: StatusCode {
        switch reason {
        case .deadlinePassed: .deadlineExceeded
        case .quota, .tooManyKeys, .queueFull, .waitedTooLong, .full, .throttled, .shed: .resourceExhausted
        default: .unavailable
        }
    }

    /// True: a refused call never started.
    public var isUnprocessed: Bool { true }

    /// One line: who refused, why, and when to try again.
    public var description: String {
        let again = retryAfter.map { "; try again in \($0)" } ?? ""
        return "\(kind) \"\(policy)\" refused the call: \(reason)\(again)"
    }
}
