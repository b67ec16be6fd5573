/// The kind of a policy, spelled as in policy files.
public struct PolicyKind: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// The spelling in policy files.
    public let rawValue: String

    /// Makes the kind of a policy of your own.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// The same as ``rawValue``.
    public var description: String { rawValue }

    /// ``CircuitBreaker``.
    public static let circuitBreaker = PolicyKind(rawValue: "circuitBreaker")
    /// ``RateLimiter``.
    public static let rateLimiter = PolicyKind(rawValue: "rateLimiter")
    /// ``Bulkhead``.
    public static let bulkhead = PolicyKind(rawValue: "bulkhead")
    /// ``AdaptiveLimiter``.
    public static let adaptiveLimiter = PolicyKind(rawValue: "adaptiveLimiter")
    /// ``AdaptiveThrottle``.
    public static let throttle = PolicyKind(rawValue: "throttle")
    /// ``LoadShedder``.
    public static let shed = PolicyKind(rawValue: "shed")
    /// ``Retry``.
    public static let retry = PolicyKind(rawValue: "retry")
    /// ``Hedge``.
    public static let hedge = PolicyKind(rawValue: "hedge")
    /// ``Chaos``.
    public static let chaos = PolicyKind(rawValue: "chaos")
    /// ``Timeout``, and the deadline that a caller gives.
    public static let timeout = PolicyKind(rawValue: "timeout")
    /// ``Fallback``.
    public static let fallback = PolicyKind(rawValue: "fallback")
}
