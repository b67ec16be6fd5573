public import Holdfast

/// Endpoints that come back get their full share of calls by and by, since caches are cold and connections have to be made; after
/// Envoy's "slow start", with its aggression of 1.
public struct SlowStart: Hashable, Sendable {
    /// How long an endpoint takes to its full share.
    public let window: Duration
    /// The share it begins with.
    public let minimumWeight: Double

    /// Makes the rule.
    /// - Parameters:
    ///   - window: above zero.
    ///   - minimumWeight: 0.01 to 1; 0.1 by default.
    /// - Throws: `ConfigurationError` with the field, the value and the range.
    public init(window: Duration, minimumWeight: Double = 0.1) throws(ConfigurationError) {
        try Require.positive("slowStart.window", window)
        try Require.within("slowStart.minimumWeight", minimumWeight, 0.01...1)
        self.window = window
        self.minimumWeight = minimumWeight
    }

    /// The weight of an endpoint that has been back for that long.
    func weight(after nanoseconds: Int64) -> Double {
        min(max(Double(nanoseconds) / Double(window.nanoseconds), minimumWeight), 1)
    }
}
