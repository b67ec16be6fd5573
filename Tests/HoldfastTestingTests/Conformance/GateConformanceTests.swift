import Holdfast
import HoldfastTesting
import Testing

/// Every gate of Holdfast goes through the suite that it offers to others. A new one is one line here.
@Suite("Gate conformance: Holdfast's own gates")
struct GateConformanceTests {
    enum Subject: String, CaseIterable, Sendable {
        case breakerByCount, breakerByTime, breakerFollowingSlowCalls, breakerIsolated
        case limiter, limiterWithQueue
        case throttle

        var suite: GateConformance {
            switch self {
            case .breakerByCount: Self.breaker(try .init(window: .count(100)))
            case .breakerByTime: Self.breaker(try .init(window: .time(.seconds(10)), consecutiveFailures: 5))
            case .breakerFollowingSlowCalls: Self.breaker(try .init(slowCalls: .init(over: .seconds(1), rate: 1, countRunning: true)))
            case .breakerIsolated: Self.breaker(try .init(mode: .isolated), capacity: .running(0...0))
            case .limiter:
                GateConformance(capacity: .started(4, recoversIn: .seconds(1))) {
                    RateLimiter("quota", try .perSecond(4), timeSource: $0)
                }
            case .limiterWithQueue:
                GateConformance(capacity: .started(4, recoversIn: .seconds(1)), queue: 3) {
                    RateLimiter("quota", try .perSecond(4, maxWait: .seconds(60), maxQueued: 3), timeSource: $0)
                }
            case .throttle: GateConformance(capacity: .unlimited) { AdaptiveThrottle(timeSource: $0, random: RandomSource(seed: 1)) }
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
