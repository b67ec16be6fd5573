import HoldfastVirtualTime
import Testing

@testable import Holdfast

/// Whom an attempt that was cut off is held against: nobody if its caller went away, the service if it did not answer in time.
@Suite("Attempts that are cut off")
struct CutOffTests {
    private struct OwnWords: Error {}

    /// Waits, and says in its own words that it was cancelled.
    private static func hang(_ world: VirtualTime) async throws {
        do { try await world.timeSource.sleep(for: .seconds(10)) } catch { throw OwnWords() }
    }

    private static func breaker(_ world: VirtualTime, slowOver: Duration? = nil) throws -> CircuitBreaker {
        let slow = slowOver.map { CircuitBreaker.Configuration.SlowCalls(over: $0, rate: 1) }
        return CircuitBreaker("b", try .init(window: .count(100), slowCalls: slow), timeSource: world.timeSource)
    }

    private static let leaving = Timeout.Configuration.Expiry.abandon

    @Test("S1: a gate alone is not told of a failure when its caller goes away, in whatever words the operation says so")
    func callerOfAGateLeaves() throws {
        let world = VirtualTime()
        let breaker = try Self.breaker(world)
        try world.run {
            let call = Task(executorPreference: world) { try await breaker.run { try await Self.hang(world) } }
            try await world.timeSource.sleep(for: .seconds(1))
            call.cancel()
            await #expect(throws: OwnWords.self) { try await call.value }
        }
        #expect(breaker.counters.cancelled == 1)
        #expect(breaker.snapshot().calls == 0)
    }

    @Test("S1: a gate alone is told of a failure when a pipeline around it runs out of time")
    func pipelineAroundAGate() throws {
        let world = VirtualTime()
        let breaker = try Self.breaker(world)
        let pipeline = try Pipeline("p", timeSource: world.timeSource) {
            try Timeout("t", after: .milliseconds(100), timeSource: world.timeSource)
        }
        try world.run {
            await #expect(throws: TimeoutError.self) {
                try await pipeline.run { _ in
                    try await breaker.run { try await world.timeSource.sleep(for: .seconds(10)) }
                }
            }
        }
        #expect(breaker.snapshot().failed == 1)
    }

    @Test("S50: a limiter or a bulkhead alone refuses at once what cannot come before the deadline of a pipeline around it")
    func deadlineAroundAGate() throws {
        let world = VirtualTime()
        let limiter = RateLimiter("l", try .perSecond(1, burst: 1, maxWait: .seconds(5), maxQueued: 5), timeSource: world.timeSource)
        let pipeline = try Pipeline("p", timeSource: world.timeSource) {
            try Timeout("t", after: .milliseconds(100), timeSource: world.timeSource)
        }
        try world.run {
            try await limiter.run {}
            for attributes in [nil, CallAttributes(weight: 1)] {
                await #expect(throws: Rejection.self) {
                    try await pipeline.run { _ in
                        if let attributes { try await limiter.run(attributes: attributes) {} } else { try await limiter.run {} }
                    }
                }
            }
            #expect(world.now() == Instant(nanoseconds: 0))
        }
    }

    @Test("S1, S44: a hang inside of a timeout that abandons counts, whether the operation obeys at once or not", arguments: [0, 20])
    func abandoned(obeysAfter: Int) throws {
        let world = VirtualTime()
        let breaker = try Self.breaker(world)
        let timeout = Timeout("t", try .init(after: .milliseconds(100), onExpiry: .abandon), timeSource: world.timeSource)
        let pipeline = Pipeline("p", [.timeout(timeout), .gate(breaker)], timeSource: world.timeSource)
        try world.run {
            await #expect(throws: TimeoutError(policy: "t", scope: .total, after: .milliseconds(100))) {
                try await pipeline.runAbandonable({ _ in
                    do {
                        try await world.timeSource.sleep(for: .seconds(10))
                    } catch {
                        let end = world.now() + .milliseconds(obeysAfter)
                        await Task(executorPreference: world) { try? await world.timeSource.sleep(until: end) }.value
                        throw error
                    }
                })
            }
            try await world.timeSource.sleep(for: .seconds(1))
        }
        #expect(breaker.snapshot().failed == 1)
        #expect(timeout.counters.timedOut == 1)
    }

    @Test(
        "S7: an attempt that the total cuts off says nothing, with a hedge between the two timeouts as without",
        arguments: [
            false, true,
        ])
    func cutShort(isHedged: Bool) throws {
        let world = VirtualTime()
        let breaker = try Self.breaker(world)
        let hedge = Hedge("h", try .init(after: .fixed(.seconds(5)), budget: nil), timeSource: world.timeSource)
        let stages: [Pipeline.Stage?] = [
            .timeout(try Timeout("total", after: .milliseconds(200), timeSource: world.timeSource)), .gate(breaker),
            isHedged ? .hedge(hedge) : nil, .timeout(try Timeout("attempt", after: .milliseconds(250), timeSource: world.timeSource)),
        ]
        let pipeline = Pipeline("p", stages.compactMap(\.self), timeSource: world.timeSource)
        try world.run {
            await #expect(throws: TimeoutError(policy: "total", scope: .total, after: .milliseconds(200))) {
                try await pipeline.run { _ in try await world.timeSource.sleep(for: .seconds(10)) }
            }
        }
        #expect(breaker.snapshot().calls == 0)
    }

    @Test("S1, S7: without a timeout further in, a hang counts across a hedge too")
    func hangAcrossAHedge() throws {
        let world = VirtualTime()
        let breaker = try Self.breaker(world)
        let hedge = Hedge("h", try .init(after: .fixed(.seconds(5)), budget: nil), timeSource: world.timeSource)
        let total = try Timeout("total", after: .milliseconds(200), timeSource: world.timeSource)
        let pipeline = Pipeline("p", [.timeout(total), .gate(breaker), .hedge(hedge)], timeSource: world.timeSource)
        try world.run {
            await #expect(throws: TimeoutError.self) {
                try await pipeline.run { _ in try await world.timeSource.sleep(for: .seconds(10)) }
            }
        }
        #expect(breaker.snapshot().failed == 1)
    }

    @Test("S41: a timeout ends a behavior that a chaos policy injects, and the call with it")
    func injectedBehavior() throws {
        let world = VirtualTime()
        let breaker = try Self.breaker(world)
        let behavior = Chaos.Configuration(
            behavior: try .init(rate: 1) { try await world.timeSource.sleep(for: .seconds(10)) }, isEnabled: true)
        let timeout = try Timeout("t", after: .milliseconds(100), timeSource: world.timeSource)
        let pipeline = Pipeline(
            "p", [.gate(breaker), .timeout(timeout), .chaos(Chaos("c", behavior, timeSource: world.timeSource))],
            timeSource: world.timeSource)
        try world.run {
            await #expect(throws: TimeoutError(policy: "t", scope: .total, after: .milliseconds(100))) {
                try await pipeline.run { _ in Issue.record("ran") }
            }
            #expect(world.now() == Instant(nanoseconds: 100_000_000))
        }
        #expect(timeout.counters.timedOut == 1)
        #expect(breaker.snapshot().failed == 1)
    }

    @Test(
        "S65: a loser in its own words is neutral, unless it was already slow",
        arguments: [(50, 1), (120, 0)])
    func loserInOwnWords(over: Int, slow: Int) throws {
        let world = VirtualTime()
        let breaker = try Self.breaker(world, slowOver: .milliseconds(over))
        let hedge = Hedge("h", try .init(after: .fixed(.milliseconds(100)), budget: nil), timeSource: world.timeSource)
        let pipeline = Pipeline("p", [.hedge(hedge), .gate(breaker)], timeSource: world.timeSource)
        let started = Locked(0)
        try world.run {
            try await pipeline.run { _ in
                let number = started.withLock { started in
                    started += 1
                    return started
                }
                if number == 1 { try await Self.hang(world) }
            }
        }
        let snapshot = breaker.snapshot()
        #expect(snapshot.slow == slow && snapshot.failed == 0 && snapshot.calls == 1 + slow)
    }
}
