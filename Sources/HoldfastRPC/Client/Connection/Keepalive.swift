public import Holdfast

/// Pings that find out whether a silent server is still there ("Client-side Keepalive", gRFC A8).
public struct Keepalive: Hashable, Sendable {
    /// How long the server is silent before it is pinged. Silence is looked at four times per this time.
    public let interval: Duration
    /// How long it may take to say anything after that; then the connection is closed.
    public let timeout: Duration
    /// Whether to ping also while no call is under way. Servers may close connections that do (`too_many_pings`).
    public let permitWithoutCalls: Bool

    /// Makes the rule.
    /// - Parameters:
    ///   - interval: above zero. gRPC servers tolerate 5 minutes and more unless set up otherwise.
    ///   - timeout: above zero; 20 s by default.
    ///   - permitWithoutCalls: false by default.
    /// - Throws: `ConfigurationError` with the field, the value and the range.
    public init(
        interval: Duration, timeout: Duration = .seconds(20), permitWithoutCalls: Bool = false
    ) throws(ConfigurationError) {
        try Require.positive("keepalive.interval", interval)
        try Require.positive("keepalive.timeout", timeout)
        self.interval = interval
        self.timeout = timeout
        self.permitWithoutCalls = permitWithoutCalls
    }
}
