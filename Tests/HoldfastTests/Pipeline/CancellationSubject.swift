import HoldfastTesting
import HoldfastVirtualTime

@testable import Holdfast

/// A policy whose callers go away. A new one is a case, a line in ``made(_:)``, and its place in the sets below.
enum CancellationSubject: String, CaseIterable, Sendable {
    case nothing, breaker, breakerHalfOpen, limiter, slidingWindow, bulkhead, bulkheadAdaptiveLifo, adaptiveLimiter, throttle, shedder
    case timeout, abandoningTimeout, retry, hedge, chaos

    /// The policy in its pipeline's terms, and whether it is as if nobody had called.
    struct Made: Sendable {
        let stages: [Pipeline.Stage]
        /// Timers that it keeps set, to sample by.
        var ownTimers = 0
        var isAsItWas: @Sendable () -> Bool = { true }
    }

    func made(_ world: VirtualTime) throws -> Made {
        let timeSource = world.timeSource
        switch self {
        case .nothing: return Made(stages: [])
        case .breaker:
            let breaker = CircuitBreaker("subject", try .init(window: .count(10), minimumCalls: 10), timeSource: timeSource)
            return Made(stages: [.gate(breaker)]) { breaker.state == .closed && breaker.snapshot().calls == 0 }
        case .breakerHalfOpen:
            let breaker = CircuitBreaker(
                "subject",
                try .init(
                    window: .count(1), minimumCalls: 1, open: .exactly(.nanoseconds(1)), halfOpen: .init(probes: 1, lease: .seconds(60))),
                timeSource: timeSource)
            try breaker.admit().settle(.judged(.failure))
            world.advance(by: .nanoseconds(1))
            return Made(stages: [.gate(breaker)]) { breaker.state == .halfOpen && breaker.snapshot().probesAvailable == 1 }
        case .limiter: return try limiter(.tokenBucket(permits: 10, per: .seconds(1), burst: 1), timeSource)
        case .slidingWindow: return try limiter(.slidingWindow(permits: 1, per: .milliseconds(100)), timeSource)
        case .bulkhead: return try bulkhead(.fifo, timeSource)
        case .bulkheadAdaptiveLifo: return try bulkhead(.adaptiveLifo, timeSource)
        case .timeout: return Made(stages: [.timeout(try Timeout(after: .seconds(10), timeSource: timeSource))])
        case .abandoningTimeout:
            return Made(stages: [.timeout(Timeout("subject", try .init(after: .seconds(10), onExpiry: .abandon), timeSource: timeSource))])
        case .shedder:
            let shedder = LoadShedder("subject", try .init(inFlight: .init(enter: 1000, leave: 500)), timeSource: timeSource)
            return Made(stages: [.gate(shedder)], ownTimers: 1) { shedder.inFlight == 0 }
        case .adaptiveLimiter:
            let limiter = AdaptiveLimiter(
                "subject", try .init(.aimd(), initial: 1, minimum: 1, maximum: 1, maxQueued: 5), timeSource: timeSource)
            return Made(stages: [.gate(limiter)]) { limiter.inFlight == 0 && limiter.queued == 0 }
        case .retry:
            let backoff = try Backoff(.constant(delay: .milliseconds(200)), jitter: .none)
            return Made(stages: [.retry(Retry("subject", try .init(backoff: backoff, budget: nil), timeSource: timeSource))])
        case .hedge:
            let hedge = Hedge("subject", try .init(after: .fixed(.milliseconds(50)), budget: nil), timeSource: timeSource)
            return Made(stages: [.hedge(hedge)])
        case .chaos:
            let latency = try Chaos.Configuration.Latency(rate: 1, delay: .milliseconds(50))
            return Made(stages: [.chaos(Chaos("subject", .init(latency: latency, isEnabled: true), timeSource: timeSource))])
        case .throttle:
            let throttle = AdaptiveThrottle("subject", timeSource: timeSource)
            return Made(stages: [.gate(throttle)]) { throttle.probability == 0 }
        }
    }

    /// Those of which one call can keep the next waiting.
    static let queues: [CancellationSubject] = [.limiter, .slidingWindow, .bulkhead, .bulkheadAdaptiveLifo, .adaptiveLimiter]

    private func limiter(_ algorithm: RateLimiter.Configuration.Algorithm, _ timeSource: TimeSource) throws -> Made {
        let limiter = RateLimiter("subject", try .init(algorithm, maxWait: .seconds(1), maxQueued: 5), timeSource: timeSource)
        return Made(stages: [.gate(limiter)]) { limiter.queued == 0 }
    }

    private func bulkhead(_ order: Bulkhead.Configuration.Order, _ timeSource: TimeSource) throws -> Made {
        let bulkhead = Bulkhead(
            "subject", try .init(maxConcurrent: 1, maxQueued: 5, maxWait: .seconds(1), order: order), timeSource: timeSource)
        return Made(stages: [.gate(bulkhead)]) { bulkhead.running == 0 && bulkhead.queued == 0 }
    }
}
