import HoldfastVirtualTime
import Testing

@testable import Holdfast

@Suite("Pipeline: hedges")
struct PipelineHedgeTests {
    private struct Down: StatusError {
        var code = StatusCode.unavailable
    }

    private static func hedge(_ world: VirtualTime, maxExtra: Int = 1) throws -> Hedge {
        Hedge("hedge", try .init(after: .fixed(.milliseconds(100)), maxExtra: maxExtra, budget: nil), timeSource: world.timeSource)
    }

    @Test("S65: a slow attempt is joined by another, whose answer wins; the gates inside are asked for both")
    func secondWins() throws {
        let world = VirtualTime()
        let breaker = try CircuitBreaker("b", .init(window: .count(10)), timeSource: world.timeSource)
        let pipeline = Pipeline("p", [.hedge(try Self.hedge(world)), .gate(breaker)], timeSource: world.timeSource)
        let started = Locked(0)
        try world.run {
            let answer = try await pipeline.run { _ in
                let number = started.withLock {
                    $0 += 1; return $0
                }
                try await world.timeSource.sleep(for: number == 1 ? .seconds(10) : .milliseconds(50))
                return number
            }
            #expect(answer == 2)
            #expect(world.now() == Instant(nanoseconds: 150_000_000))
        }
        #expect(breaker.counters.admitted == 2)
        #expect(breaker.counters.cancelled == 1)
        #expect(breaker.snapshot().calls == 1)
    }

    @Test("S65: a loser is neutral for the breaker, unless it was already slow", arguments: [(50, 1), (120, 0)])
    func loserAlreadySlow(over: Int, slow: Int) throws {
        let world = VirtualTime()
        let breaker = try CircuitBreaker(
            "b", .init(window: .count(10), slowCalls: .init(over: .milliseconds(over), rate: 1)), timeSource: world.timeSource)
        let pipeline = Pipeline("p", [.hedge(try Self.hedge(world)), .gate(breaker)], timeSource: world.timeSource)
        let started = Locked(0)
        try world.run {
            _ = try await pipeline.run { _ in
                let number = started.withLock {
                    $0 += 1; return $0
                }
                if number == 1 { try await world.timeSource.sleep(for: .seconds(10)) }
            }
        }
        #expect(breaker.snapshot().slow == slow)
        #expect(breaker.snapshot().failed == 0)
        #expect(breaker.snapshot().calls == 1 + slow)
    }

    @Test("S65: a caller that goes away is no loser: neutral, however slow the attempts were")
    func callerLeaves() throws {
        let world = VirtualTime()
        let breaker = try CircuitBreaker(
            "b", .init(window: .count(10), slowCalls: .init(over: .milliseconds(10), rate: 1)), timeSource: world.timeSource)
        let pipeline = Pipeline("p", [.hedge(try Self.hedge(world)), .gate(breaker)], timeSource: world.timeSource)
        try world.run {
            let call = Task(executorPreference: world) {
                try await pipeline.run { _ in try await world.timeSource.sleep(for: .seconds(10)) }
            }
            try await world.timeSource.sleep(for: .seconds(1))
            call.cancel()
            await #expect(throws: CancellationError.self) { try await call.value }
        }
        #expect(breaker.counters.cancelled == 2)
        #expect(breaker.snapshot().calls == 0)
    }

    @Test("A retry around a hedge tries again when all hedged attempts failed; timeouts on both sides hold")
    func insideRetry() throws {
        let world = VirtualTime()
        let retry = Retry(
            "retry", try .init(maxAttempts: 2, backoff: .constant(.milliseconds(10), jitter: .none), budget: nil),
            timeSource: world.timeSource)
        let pipeline = try Pipeline("p", timeSource: world.timeSource) {
            try Timeout("total", after: .seconds(5), timeSource: world.timeSource)
            retry
            try Self.hedge(world)
            try Timeout("attempt", after: .milliseconds(300), timeSource: world.timeSource)
        }
        let started = Locked(0)
        try world.run {
            let answer = try await pipeline.run { call in
                let number = started.withLock {
                    $0 += 1; return $0
                }
                if number <= 2 { try await world.timeSource.sleep(for: .seconds(100)) }
                return number
            }
            #expect(answer == 3)
            // The first ends at 300, the second, started at 100, at 400; then the backoff.
            #expect(world.now() == Instant(nanoseconds: 410_000_000))
        }
    }

    @Test("S65: a call that is not idempotent is not hedged")
    func notIdempotent() throws {
        let world = VirtualTime()
        let pipeline = Pipeline("p", [.hedge(try Self.hedge(world))], timeSource: world.timeSource)
        let started = Locked(0)
        try world.run {
            try await pipeline.run(attributes: CallAttributes(isIdempotent: false)) { _ in
                started.withLock { $0 += 1 }
                try await world.timeSource.sleep(for: .seconds(1))
            }
        }
        #expect(started.withLock { $0 } == 1)
    }
}
