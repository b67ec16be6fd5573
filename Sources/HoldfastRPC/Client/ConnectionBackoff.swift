import Holdfast

/// The pauses between attempts to connect, as gRPC's "connection backoff" lays down: each `factor` times the last, up to
/// `maximum`, and every one moved by chance, so that the clients of a server that comes back do not come all at once.
public struct ConnectionBackoff: Hashable, Sendable {
    /// The pause after the first failure; 1 s by default.
    public var base: Duration = .seconds(1)
    /// What each further failure multiplies it by; 1.6 by default.
    public var factor = 1.6
    /// The longest pause, before chance; 120 s by default.
    public var maximum: Duration = .seconds(120)
    /// How far chance moves a pause, as a share of it; 0.2 by default.
    public var jitter = 0.2

    /// gRPC's defaults.
    public init() {}

    func check() throws(ConfigurationError) {
        try Require.notNegative("backoff.base", base)
        try Require.atLeast("backoff.factor", factor, 1)
        try Require.notNegative("backoff.maximum", maximum)
        try Require.within("backoff.jitter", jitter, 0...1)
    }

    /// The pause before the next attempt.
    /// - Parameters:
    ///   - failures: how many attempts have failed in a row, at least 1.
    ///   - random: drawn evenly from 0 up to 1.
    package func pause(failures: Int, random: Double) -> Duration {
        var seconds = base.seconds
        let limit = max(maximum.seconds, 0)
        for _ in 1..<max(failures, 1) where seconds < limit { seconds *= factor }
        seconds = min(seconds, limit)
        seconds *= 1 + jitter * (2 * random - 1)
        return .nanoseconds(Int64(saturating: max(seconds, 0) * 1e9))
    }
}
