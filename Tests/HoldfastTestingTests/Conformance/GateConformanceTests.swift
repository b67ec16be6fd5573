import Holdfast
import HoldfastTesting
import Testing

/// Every gate of Holdfast goes through the suite that it offers to others. A new one is one line here.
@Suite("Gate conformance: Holdfast's own gates")
struct GateConformanceTests {
    enum Subject: String, CaseIterable, Sendable {
        case breakerByCount, breakerByTime, breakerFollowingSlowCalls, breakerIsolated
        case tokenBucket, tokenBucketWithQueue, slidingWindow, fixedWindow, pacing, limiterPerMethod
        case bulkhead, bulkheadWithQueue, bulkheadAdaptiveLifo
        case throttle, shedder, shedderOfAll
        case aimd, vegas, gradient2

        var suite: GateConformance {
            switch self {
            case .breakerByCount: Self.breaker(try .init(window: .count(100)))
            case .breakerByTime: Self.breaker(try .init(window: .time(.seconds(10)), consecutiveFailures: 5))
            case .breakerFollowingSlowCalls: Self.breaker(try .init(slowCalls: .init(over: .seconds(1), rate: 1, countRunning: true)))
            case .breakerIsolated: Self.breaker(try .init(mode: .isolated), capacity: .running(0...0))
            case .tokenBucket: Self.limiter(.tokenBucket(permits: 4, per: .seconds(1), burst: 4), queue: 0)
            case .tokenBucketWithQueue: Self.limiter(.tokenBucket(permits: 4, per: .seconds(1), burst: 4))
            case .slidingWindow: Self.limiter(.slidingWindow(permits: 4, per: .seconds(1)))
            case .fixedWindow: Self.limiter(.fixedWindow(permits: 4, per: .seconds(1)))
            case .pacing: Self.limiter(.pacing(permits: 4, per: .seconds(1)), permits: 1)
            case .limiterPerMethod: Self.limiter(.tokenBucket(permits: 4, per: .seconds(1), burst: 4), key: .method)
            case .bulkhead: Self.bulkhead(queue: 0)
            case .bulkheadWithQueue: Self.bulkhead()
            case .bulkheadAdaptiveLifo: Self.bulkhead(order: .adaptiveLifo)
            case .shedder:
                GateConformance(capacity: .unlimited) {
                    LoadShedder("shed", try .init(inFlight: .init(enter: 1000, leave: 500)), timeSource: $0)
                }
            case .shedderOfAll:
                GateConformance(capacity: .running(0...0)) {
                    let shedder = LoadShedder("shed", try .init(inFlight: .init(enter: 1000, leave: 500)), timeSource: $0)
                    shedder.controller.hold(at: .criticalPlus)
                    return shedder
                }
            case .aimd: Self.adaptive(.aimd())
            case .vegas: Self.adaptive(.vegas())
            case .gradient2: Self.adaptive(.gradient2())
            case .throttle: GateConformance(capacity: .unlimited) { AdaptiveThrottle(timeSource: $0, random: RandomSource(seed: 1)) }
            }
        }

        private static func limiter(
            _ algorithm: RateLimiter.Configuration.Algorithm, permits: Int = 4, queue: Int = 3, key: RateLimiter.Configuration.Key = .none
        ) -> GateConformance {
            GateConformance(capacity: .started(permits, recoversIn: .seconds(1)), queue: queue) {
                RateLimiter("quota", try .init(algorithm, maxWait: .seconds(60), maxQueued: queue, key: key), timeSource: $0)
            }
        }

        private static func bulkhead(queue: Int = 3, order: Bulkhead.Configuration.Order = .fifo) -> GateConformance {
            GateConformance(capacity: .running(4...4), queue: queue) {
                Bulkhead("bulkhead", try .init(maxConcurrent: 4, maxQueued: queue, maxWait: .seconds(60), order: order), timeSource: $0)
            }
        }

        private static func adaptive(_ algorithm: AdaptiveLimiter.Configuration.Algorithm) -> GateConformance {
            GateConformance(capacity: .running(2...8), queue: 3) {
                AdaptiveLimiter("limit", try .init(algorithm, initial: 4, minimum: 2, maximum: 8, maxQueued: 3), timeSource: $0)
            }
        }

        private static func breaker(
            _ configuration: @escaping @autoclosure @Sendable () throws -> CircuitBreaker.Configuration,
            capacity: GateConformance.Capacity = .unlimited
        ) -> GateConformance {
            GateConformance(capacity: capacity) {
                CircuitBreaker("breaker", try configuration(), timeSource: $0, random: RandomSource(seed: 1))
            }
        }
    }

    @Test("A gate does what pipelines rely on", arguments: Subject.allCases, GateConformance.Check.allCases)
    func conforms(subject: Subject, check: GateConformance.Check) async throws {
        try await subject.suite.check(check)
    }

    @Test("Whatever the order in which tasks come to run, a gate is left as it was", arguments: Subject.allCases)
    func seeds(subject: Subject) async throws {
        for seed in 2..<12 as Range<UInt64> {
            try await subject.suite.with(seed: seed).check(.manyTasks)
            await Task.yield()
        }
    }
}
