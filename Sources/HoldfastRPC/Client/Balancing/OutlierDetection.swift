public import Holdfast

/// When an endpoint that answers worse than it should gets no more calls for a while.
///
/// The model is Envoy's outlier detection and gRFC A50, with two differences: the largest share of ejected endpoints holds after an
/// ejection, not before it (A50 checks before, and of two endpoints ejects both), and the last endpoint is never ejected.
/// What counts as a failure is what the standard `Classification` calls one, but for deadlines that left a call less than the timeout of
/// its own route: give routes a timeout where callers differ in their patience.
public struct OutlierDetection: Hashable, Sendable {
    /// So many failures in a row eject at once; nil for never by a row.
    public let consecutiveFailures: Int?
    /// The share of failed calls in an interval from which on an endpoint is ejected; nil for never by rate.
    public let failureRate: Double?
    /// The rate applies to endpoints with at least so many calls in the interval.
    public let minimumCalls: Int
    /// How often the rate is looked at. Each interval without an ejection also makes an endpoint's next ejection shorter by one step.
    public let interval: Duration
    /// How long the first ejection lasts; each that follows lasts as much longer.
    public let baseEjectionTime: Duration
    /// No ejection lasts longer.
    public let maximumEjectionTime: Duration
    /// The largest share of the endpoints that may be ejected at once.
    public let maximumEjected: Double

    /// Makes the rules.
    /// - Parameters:
    ///   - consecutiveFailures: 1 to 1,000,000; 5 by default, as in Envoy.
    ///   - failureRate: 0.01 to 1; 0.85 by default, as in gRFC A50.
    ///   - minimumCalls: 1 to 1,000,000; 50 by default, as in A50.
    ///   - interval: above zero; 10 s by default.
    ///   - baseEjectionTime: above zero; 30 s by default.
    ///   - maximumEjectionTime: at least `baseEjectionTime`; 300 s by default.
    ///   - maximumEjected: 0 to 1; half by default. (A50's tenth, checked after the ejection, would spare all of nine endpoints.)
    /// - Throws: `ConfigurationError` with the field, the value and the range.
    public init(
        consecutiveFailures: Int? = 5, failureRate: Double? = 0.85, minimumCalls: Int = 50, interval: Duration = .seconds(10),
        baseEjectionTime: Duration = .seconds(30), maximumEjectionTime: Duration = .seconds(300), maximumEjected: Double = 0.5
    ) throws(ConfigurationError) {
        if let consecutiveFailures {
            try Require.within("outlierDetection.consecutiveFailures", consecutiveFailures, 1...1_000_000)
        }
        if let failureRate { try Require.within("outlierDetection.failureRate", failureRate, 0.01...1) }
        try Require.within("outlierDetection.minimumCalls", minimumCalls, 1...1_000_000)
        try Require.positive("outlierDetection.interval", interval)
        try Require.positive("outlierDetection.baseEjectionTime", baseEjectionTime)
        guard maximumEjectionTime >= baseEjectionTime else {
            throw ConfigurationError(
                "outlierDetection.maximumEjectionTime", maximumEjectionTime, "is below baseEjectionTime, \(baseEjectionTime)")
        }
        try Require.within("outlierDetection.maximumEjected", maximumEjected, 0...1)
        self.consecutiveFailures = consecutiveFailures
        self.failureRate = failureRate
        self.minimumCalls = minimumCalls
        self.interval = interval
        self.baseEjectionTime = baseEjectionTime
        self.maximumEjectionTime = maximumEjectionTime
        self.maximumEjected = maximumEjected
    }
}
