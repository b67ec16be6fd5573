import HoldfastVirtualTime
import Testing

@testable import Holdfast

@Suite("Pipeline: one that is cut in two is still one")
struct PipelineLayersTests {
    private struct Down: StatusError {
        var code: StatusCode { .unavailable }
    }

    private static func hedge(_ world: VirtualTime) throws -> Hedge {
        Hedge("h", try .init(after: .fixed(.seconds(10))), timeSource: world.timeSource)
    }

    @Test("S2: an attempt timeout inside a hedge or an abandoning timeout says that it is one", arguments: [true, false])
    func scope(isHedged: Bool) throws {
        let world = VirtualTime()
        let total = Timeout(
            "total", try .init(after: .seconds(5), onExpiry: isHedged ? .wait : .abandon), timeSource: world.timeSource)
        let inner = try Timeout("attempt", after: .milliseconds(100), timeSource: world.timeSource)
        let stages: [Pipeline.Stage] = [.timeout(total)] + (isHedged ? [.hedge(try Self.hedge(world))] : []) + [.timeout(inner)]
        let pipeline = Pipeline("p", stages, timeSource: world.timeSource)
        try world.run {
            await #expect(throws: TimeoutError(policy: "attempt", scope: .attempt, after: .milliseconds(100))) {
                try await pipeline.runAbandonable({ _ in try await world.timeSource.sleep(for: .seconds(1)) })
            }
        }
    }

    @Test("S63: the operation is told which attempt it is inside a hedge or an abandoning timeout too", arguments: [true, false])
    func attemptNumber(isHedged: Bool) throws {
        let world = VirtualTime()
        let retry = try Retry(maxAttempts: 3, backoff: .constant(.zero, jitter: .none), timeSource: world.timeSource)
        let left = Timeout("t", try .init(after: .seconds(5), onExpiry: .abandon), timeSource: world.timeSource)
        let pipeline = Pipeline(
            "p", [.retry(retry), isHedged ? .hedge(try Self.hedge(world)) : .timeout(left)], timeSource: world.timeSource)
        let attempts = Locked<[Int]>([])
        try world.run {
            await #expect(throws: Down.self) {
                try await pipeline.runAbandonable({ call in
                    attempts.withLock { $0.append(call.attempt) }
                    throw Down()
                })
            }
        }
        // A hedge makes an attempt of its own of each failure.
        #expect(attempts.withLock { $0 } == (isHedged ? [1, 1, 2, 2, 3, 3] : [1, 2, 3]))
    }

    @Test("S41: an operation that ends as soon as the abandoning timeout cancels it ends with that timeout's error, which is counted once")
    func obedient() throws {
        let world = VirtualTime()
        let timeout = Timeout("t", try .init(after: .milliseconds(100), onExpiry: .abandon), timeSource: world.timeSource)
        let pipeline = Pipeline("p", [.timeout(timeout)], timeSource: world.timeSource)
        try world.run {
            await #expect(throws: TimeoutError(policy: "t", scope: .total, after: .milliseconds(100))) {
                try await pipeline.runAbandonable({ _ in try await world.timeSource.sleep(for: .seconds(1)) })
            }
            try await world.timeSource.sleep(for: .seconds(2))
        }
        #expect(timeout.counters.timedOut == 1)
        #expect(timeout.counters.abandoned == 0)
    }

    @Test("S41: a limit that follows the latencies does so for operations that may be left behind too")
    func adaptive() throws {
        let world = VirtualTime()
        let timeout = Timeout(
            "t", try .init(after: .seconds(1), onExpiry: .abandon, adaptive: .init(quantile: 0.9, factor: 2, minimumSamples: 20)),
            timeSource: world.timeSource)
        let pipeline = Pipeline("p", [.timeout(timeout)], timeSource: world.timeSource)
        try world.run {
            for _ in 0..<20 { try await pipeline.runAbandonable({ _ in try await world.timeSource.sleep(for: .milliseconds(50)) }) }
        }
        #expect((.milliseconds(95) ... .milliseconds(107)).contains(timeout.limit))
    }

    @Test("S40: a limit of zero or less refuses before any work", arguments: [Timeout.Configuration.Expiry.wait, .abandon])
    func noTime(expiry: Timeout.Configuration.Expiry) throws {
        let world = VirtualTime()
        let timeout = Timeout("t", try .init(after: .seconds(1), onExpiry: expiry), timeSource: world.timeSource, perCall: { .zero })
        let gate = try CircuitBreaker("b", .init(window: .count(10)), timeSource: world.timeSource)
        let pipeline = Pipeline("p", [.gate(gate), .timeout(timeout)], timeSource: world.timeSource)
        let hasRun = Locked(false)
        try world.run {
            await #expect(throws: Rejection(policy: "p", kind: .timeout, reason: .deadlinePassed)) {
                try await pipeline.runAbandonable({ _ in hasRun.withLock { $0 = true } })
            }
        }
        #expect(!hasRun.withLock { $0 })
        #expect(gate.counters.ignored == 1)
    }

    @Test("S40: an injected wait that uses up the last of the time leaves no attempt")
    func injectedWait() throws {
        let world = VirtualTime()
        let timeout = try Timeout("t", after: .milliseconds(100), timeSource: world.timeSource)
        let chaos = Chaos(
            "c", .init(latency: try .init(rate: 1, delay: .milliseconds(100)), isEnabled: true), timeSource: world.timeSource)
        let pipeline = Pipeline("p", [.timeout(timeout), .chaos(chaos)], timeSource: world.timeSource)
        let hasRun = Locked(false)
        try world.run {
            await #expect(throws: (any Error).self) { try await pipeline.run { _ in hasRun.withLock { $0 = true } } }
        }
        #expect(!hasRun.withLock { $0 })
    }

    @Test("S3: an injected answer that will not do counts as a failure, as the operation's own would")
    func unacceptableInjection() throws {
        let world = VirtualTime()
        let chaos = Chaos("c", .init(outcome: try .init(rate: 1, value: 0), isEnabled: true), timeSource: world.timeSource)
        let gate = try CircuitBreaker("b", .init(window: .count(10)), timeSource: world.timeSource)
        let pipeline = Pipeline("p", [.gate(gate), .chaos(chaos)], timeSource: world.timeSource)
        try world.run {
            await #expect(throws: UnacceptableValue.self) { try await pipeline.run(unacceptable: { $0 == 0 }) { _ in 1 } }
        }
        #expect(gate.counters.failed == 1)
    }
}
