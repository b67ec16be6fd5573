public import Holdfast

/// When a circuit breaker opens once every call fails, or every call is slow.
///
/// Found out by asking a breaker with the same settings, on a clock of its own: calls come evenly, the first one an interval after the
/// outage begins, and fail at once, or succeed just later than is slow.
public struct BreakerForecast: Hashable, Sendable {
    /// What befalls every call.
    public enum Cause: Hashable, Sendable {
        /// It fails at once with that code: `UNAVAILABLE`, or the first of those that the breaker counts if that is not one of them.
        case failure(StatusCode)
        /// It succeeds, but takes longer than that.
        case slowness(over: Duration)
    }

    /// How long a breaker takes to open.
    public struct Opening: Hashable, Sendable {
        /// How many calls fail, or turn out to be slow, until then.
        public let calls: Int
        /// How long after the beginning of the outage that is.
        public let time: Duration
    }

    /// The most calls that are tried out.
    private static let maximumCalls = 2_000_000.0

    /// The breaker's element.
    public let element: String
    /// What befalls every call.
    public let cause: Cause
    /// How many calls a second reach the breaker.
    public let callsPerSecond: Double
    /// A breaker that has seen no call before; nil if it does not open.
    public let cold: Opening?
    /// A breaker whose window is full of good calls; nil if it does not open.
    public let healthy: Opening?
    /// How long the good calls went on before the outage, or as many of them as fill the window.
    public let health: Duration
    /// Whether the calls were counted one by one; with very many the times are reckoned from the shares alone.
    public let isExact: Bool

    /// - Parameter cause: what befalls every call.
    init(
        _ element: String, _ configuration: CircuitBreaker.Configuration, callsPerSecond: Double, cause: Cause = .failure(.unavailable)
    ) {
        self.element = element
        self.callsPerSecond = callsPerSecond
        self.cause = cause
        let interval = 1e9 / callsPerSecond
        switch configuration.window {
        case .time(let time, _): health = time
        case .count(let count): health = .nanoseconds(Int64(saturating: (Double(count) * interval).rounded()))
        }
        let inWindow = health.seconds * callsPerSecond
        isExact = inWindow * 3 + Double(configuration.minimumCalls) <= Self.maximumCalls
        if isExact {
            cold = Self.opening(configuration, cause, interval, goodCalls: 0, health)
            healthy = Self.opening(configuration, cause, interval, goodCalls: Int(inWindow.rounded(.down)), health)
        } else {
            cold = Self.estimate(configuration, cause, callsPerSecond, share: 0, inWindow)
            healthy = Self.estimate(configuration, cause, callsPerSecond, share: 1, inWindow)
        }
    }

    private static func opening(
        _ configuration: CircuitBreaker.Configuration, _ cause: Cause, _ interval: Double, goodCalls: Int, _ health: Duration
    ) -> Opening? {
        var outage = BreakerOutage(configuration, cause, interval: interval)
        return outage.opening(goodCalls: goodCalls, health, atMost: Int(maximumCalls))
    }

    private static func estimate(
        _ configuration: CircuitBreaker.Configuration, _ cause: Cause, _ callsPerSecond: Double, share: Double, _ inWindow: Double
    ) -> Opening? {
        let (rate, inRow): (Double?, Int?) =
            switch cause {
            case .failure: (configuration.failureRate, configuration.consecutiveFailures)
            case .slowness: (configuration.slowCalls?.rate, nil)
            }
        let byRate = rate.map { max($0 * inWindow * share, Double(configuration.minimumCalls)) }
        let calls = [byRate, inRow.map(Double.init)].compactMap { $0 }.min()
        return calls.map { calls in
            let time = Int64(saturating: calls / callsPerSecond * 1e9).addingSaturating(cause.nanoseconds)
            return Opening(calls: Int(Int64(saturating: calls.rounded(.up))), time: .nanoseconds(time))
        }
    }
}

extension BreakerForecast.Cause {
    /// What a breaker with these settings opens for, if it does at all: a failure that it counts, slowness, or both.
    static func all(for configuration: CircuitBreaker.Configuration) -> [Self] {
        let slowness = configuration.slowCalls.map { [Self.slowness(over: $0.over)] } ?? []
        let countsFailures = configuration.failureRate != nil || configuration.consecutiveFailures != nil
        guard countsFailures || slowness.isEmpty else { return slowness }
        let codes = configuration.classification.failures
        let first = codes.contains(.unavailable) ? nil : codes.min { $0.rawValue < $1.rawValue }
        return [.failure(first ?? .unavailable)] + slowness
    }

    /// How long a call takes, short of the nanosecond that makes it slow.
    var nanoseconds: Int64 {
        switch self {
        case .failure: 0
        case .slowness(let over): over.nanoseconds
        }
    }
}
