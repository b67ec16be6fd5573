import Holdfast

/// A breaker of its own on a clock of its own, and the calls that come to it evenly.
struct BreakerOutage {
    private let configuration: CircuitBreaker.Configuration
    private let cause: BreakerForecast.Cause
    private let interval: Double
    /// What a call takes beyond what is not slow yet, in nanoseconds.
    private let excess: Int64
    private let clock = ReplayClock()
    private let breaker: CircuitBreaker
    /// Those whose end has not come yet, in the order of their ends, behind the first `ended`.
    private var calls: [(ticket: Ticket, end: Int64)] = []
    private var ended = 0

    /// - Parameter interval: from one call to the next, in nanoseconds.
    init(_ configuration: CircuitBreaker.Configuration, _ cause: BreakerForecast.Cause, interval: Double) {
        self.configuration = configuration
        self.cause = cause
        self.interval = interval
        excess = if case .slowness = cause { 1 } else { 0 }
        breaker = CircuitBreaker("forecast", configuration, timeSource: clock.timeSource)
    }

    /// When it opens, after so many good calls; nil if it does not.
    ///
    /// - Parameters:
    ///   - health: how long the good calls go on.
    ///   - atMost: how many bad calls in a row are tried out at most.
    mutating func opening(goodCalls: Int, _ health: Duration, atMost: Int) -> BreakerForecast.Opening? {
        for number in 0..<goodCalls {
            let start = time(of: number, since: 0)
            guard begin(start, lasting: 0), !endCalls(until: start, .succeeded) else { return nil }
        }
        let outset = goodCalls > 0 ? health.nanoseconds : 0
        ended = 0
        calls = []
        let completion: Completion =
            switch cause {
            case .failure(let code): .failed(SampleError(code: code))
            case .slowness: .succeeded
            }
        // After two windows nothing changes any more but the number of failures in a row.
        let inWindow = Int((health.seconds * 1e9 / interval).rounded(.up))
        let last = max(2 * inWindow + configuration.minimumCalls, min(configuration.consecutiveFailures ?? 0, atMost))
        for number in 1...max(last, 1) {
            let start = time(of: number, since: outset)
            let isOpenBefore = endCalls(until: start, completion) || !begin(start, lasting: cause.nanoseconds + excess)
            if isOpenBefore || endCalls(until: start, completion) { return opening(since: outset) }
        }
        return endCalls(until: .max, completion) ? opening(since: outset) : nil
    }

    private func opening(since begin: Int64) -> BreakerForecast.Opening {
        .init(calls: ended, time: .nanoseconds(clock.now().nanoseconds - begin - excess))
    }

    private func time(of number: Int, since begin: Int64) -> Int64 {
        begin.addingSaturating(Int64(saturating: (Double(number) * interval).rounded()))
    }

    /// Lets a call in; false if the breaker refuses it.
    private mutating func begin(_ start: Int64, lasting: Int64) -> Bool {
        clock.run(until: Instant(nanoseconds: start))
        var attempt = Attempt(clock.timeSource)
        guard case .admitted(let ticket) = breaker.admit(&attempt) else { return false }
        calls.append((ticket, start.addingSaturating(lasting)))
        return true
    }

    /// Lets the calls end that do so by then; true as soon as the breaker is open.
    private mutating func endCalls(until limit: Int64, _ completion: Completion) -> Bool {
        while ended < calls.count, calls[ended].end <= limit {
            clock.run(until: Instant(nanoseconds: calls[ended].end))
            var attempt = Attempt(clock.timeSource)
            breaker.settle(calls[ended].ticket, completion, &attempt)
            ended += 1
            if breaker.state == .open { return true }
        }
        return false
    }
}
