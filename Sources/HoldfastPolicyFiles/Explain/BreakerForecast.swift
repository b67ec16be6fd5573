import Holdfast

/// When a circuit breaker opens once every call fails, and for how long.
///
/// Found out by asking a breaker with the same settings, on a clock of its own: calls come evenly, the first one an interval after the
/// outage begins, and fail at once.
public struct BreakerForecast: Hashable, Sendable {
    /// How long a breaker takes to open.
    public struct Opening: Hashable, Sendable {
        /// How many calls fail until then.
        public let calls: Int
        /// How long after the beginning of the outage that is.
        public let time: Duration
    }

    /// The most calls that are tried out.
    private static let maximumCalls = 2_000_000.0

    /// The breaker's element.
    public let element: String
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

    init(_ element: String, _ configuration: CircuitBreaker.Configuration, callsPerSecond: Double) {
        self.element = element
        self.callsPerSecond = callsPerSecond
        let interval = 1e9 / callsPerSecond
        switch configuration.window {
        case .time(let time, _): health = time
        case .count(let count): health = .nanoseconds(Int64(saturating: (Double(count) * interval).rounded()))
        }
        let inWindow = health.seconds * callsPerSecond
        isExact = inWindow * 3 + Double(configuration.minimumCalls) <= Self.maximumCalls
        if isExact {
            cold = Self.opening(configuration, interval, goodCalls: 0, health)
            healthy = Self.opening(configuration, interval, goodCalls: Int(inWindow.rounded(.down)), health)
        } else {
            cold = Self.estimate(configuration, callsPerSecond, share: 0, inWindow)
            healthy = Self.estimate(configuration, callsPerSecond, share: 1, inWindow)
        }
    }

    private struct Outage: StatusError {
        var code: StatusCode { .unavailable }
    }

    private static func opening(
        _ configuration: CircuitBreaker.Configuration, _ interval: Double, goodCalls: Int, _ health: Duration
    ) -> Opening? {
        let clock = ReplayClock()
        let breaker = CircuitBreaker("forecast", configuration, timeSource: clock.timeSource)
        var begin = Int64(0)
        /// Makes a call; true if the breaker is open afterwards.
        func call(_ number: Int, _ completion: Completion) -> Bool {
            clock.run(until: Instant(nanoseconds: begin.addingSaturating(Int64(saturating: (Double(number) * interval).rounded()))))
            var attempt = Attempt(clock.timeSource)
            guard case .admitted(let ticket) = breaker.admit(&attempt) else { return true }
            breaker.settle(ticket, completion, &attempt)
            return breaker.state == .open
        }
        for number in 0..<goodCalls where call(number, .succeeded) { return nil }
        if goodCalls > 0 { begin = health.nanoseconds }
        // After two windows nothing changes any more but the number of failures in a row.
        let inWindow = Int((health.seconds * 1e9 / interval).rounded(.up))
        let last = max(2 * inWindow + configuration.minimumCalls, min(configuration.consecutiveFailures ?? 0, Int(maximumCalls)))
        for number in 1...max(last, 1) where call(number, .failed(Outage())) {
            return Opening(calls: number, time: .nanoseconds(clock.now().nanoseconds - begin))
        }
        return nil
    }

    private static func estimate(
        _ configuration: CircuitBreaker.Configuration, _ callsPerSecond: Double, share: Double, _ inWindow: Double
    ) -> Opening? {
        let byRate = configuration.failureRate.map { max($0 * inWindow * share, Double(configuration.minimumCalls)) }
        let calls = [byRate, configuration.consecutiveFailures.map(Double.init)].compactMap { $0 }.min()
        return calls.map { calls in
            Opening(
                calls: Int(Int64(saturating: calls.rounded(.up))), time: .nanoseconds(Int64(saturating: calls / callsPerSecond * 1e9)))
        }
    }
}
