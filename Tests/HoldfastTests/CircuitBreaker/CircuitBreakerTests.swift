import HoldfastVirtualTime
import Testing

@testable import Holdfast

@Suite("Circuit breaker: the actor around the decisions")
struct CircuitBreakerTests {
    @Test("Tripping a breaker that is open already changes nothing and says nothing")
    func tripTwice() async throws {
        let world = VirtualTime()
        let breaker = CircuitBreaker("b", try .init(open: .exactly(.seconds(1))), timeSource: world.timeSource)
        await breaker.trip()
        world.advance(by: .milliseconds(500))
        await breaker.trip()
        #expect(breaker.snapshot().openings == 1)
        #expect(breaker.snapshot().retryAfter == .milliseconds(500))
        world.advance(by: .milliseconds(500))
        #expect(breaker.state == .halfOpen)
    }

    private struct Failed: Error {}

    private static func breaker(_ world: VirtualTime, window: CircuitBreaker.Configuration.Window = .count(10)) throws -> CircuitBreaker {
        let configuration = try CircuitBreaker.Configuration(
            window: window, minimumCalls: 2, open: .exactly(.seconds(1)), halfOpen: .init(probes: 1))
        return CircuitBreaker("say", configuration, timeSource: world.timeSource, random: RandomSource(seed: 1))
    }

    @Test("S5: a refusal says who, why, and when to try again", arguments: [true, false])
    func refusal(timed: Bool) throws {
        let world = VirtualTime()
        let breaker = try Self.breaker(world, window: timed ? .time(.seconds(10)) : .count(10))
        try world.run {
            for _ in 0..<2 {
                await #expect(throws: Failed.self) { try await breaker.run { throw Failed() } }
            }
            try await world.timeSource.sleep(for: .milliseconds(250))
            await #expect { try await breaker.run { 1 } } throws: { error in
                guard let rejection = error as? Rejection else { return false }
                return rejection.policy == "say" && rejection.kind == .circuitBreaker && rejection.reason == .open
                    && rejection.retryAfter == .milliseconds(750)
            }
            try await world.timeSource.sleep(for: .milliseconds(750))
            #expect(try await breaker.run { 7 } == 7)
            #expect(breaker.state == .closed)
        }
    }

    @Test("S1: a cancelled call is neutral and gives its permit back")
    func cancellation() throws {
        let world = VirtualTime()
        let breaker = try Self.breaker(world)
        try world.run {
            for _ in 0..<5 {
                let task = Task(executorPreference: world) {
                    try await breaker.run { try await world.timeSource.sleep(for: .seconds(60)) }
                }
                await Task.yield()
                task.cancel()
                await #expect(throws: CancellationError.self) { try await task.value }
            }
        }
        #expect(breaker.snapshot().calls == 0)
    }

    @Test("S17: a dropped permit settles itself as cancelled")
    func droppedPermit() async throws {
        let world = VirtualTime()
        let breaker = try Self.breaker(world)
        await breaker.trip()
        world.advance(by: .seconds(1))
        do {
            let permit = try breaker.admit()
            #expect(breaker.snapshot().probesAvailable == 0)
            _ = consume permit
        }
        #expect(breaker.snapshot().probesAvailable == 1)
        try breaker.admit().settle(.succeeded)
        #expect(breaker.state == .closed)
    }

    @Test("S3: the errors that count as failures can be configured")
    func classification() throws {
        let world = VirtualTime()
        let configuration = try CircuitBreaker.Configuration(
            window: .count(10), minimumCalls: 1, classification: Classification(failures: [.notFound]))
        let breaker = CircuitBreaker("say", configuration, timeSource: world.timeSource)
        try breaker.admit().settle(.failed(Coded(code: .unavailable)))
        #expect(breaker.state == .closed)
        try breaker.admit().settle(.failed(Coded(code: .notFound)))
        #expect(breaker.state == .open)
    }

    @Test("S11: it records by time on a clock that stands before its origin")
    func beforeTheOrigin() throws {
        let world = VirtualTime(start: Instant(nanoseconds: -20_000_000_000))
        let breaker = try Self.breaker(world, window: .time(.seconds(30)))
        try world.run { try await breaker.run {} }
        #expect(breaker.snapshot().calls == 1)
        #expect(breaker.state == .closed)
    }

    @Test("S11: it can be read after a call that hangs for ever in virtual time")
    func hangsForEver() throws {
        let world = VirtualTime()
        let breaker = try Self.breaker(world, window: .time(.seconds(30)))
        #expect(throws: VirtualTime.Deadlock.self) {
            try world.run { try await breaker.run { try await world.timeSource.sleep(until: .distantFuture) } }
        }
        #expect(breaker.state == .closed)
        #expect(breaker.snapshot().calls == 0)
    }

    @Test("S22: a listener may call back into the breaker, and hears every decision in order")
    func listenerCallsBack() throws {
        let world = VirtualTime()
        let breaker = try Self.breaker(world)
        let events = breaker.events()
        let heard = try world.run {
            for _ in 0..<2 { try breaker.admit().settle(.judged(.failure)) }
            _ = try? breaker.admit()
            await breaker.reset()
            events.finish()
            var heard: [String] = []
            for await event in events {
                _ = breaker.state
                switch event.decision {
                case .stateChanged(_, let to, _): heard.append(to.rawValue)
                case .rejected(let reason, _): heard.append("rejected:\(reason)")
                default: heard.append("?")
                }
            }
            return heard
        }
        #expect(heard == ["open", "rejected:open", "closed"])
    }

    @Test("The operation runs in the caller's isolation, before, in and after the call")
    func isolation() async throws {
        let keeper = Keeper(try Self.breaker(VirtualTime()))
        try await keeper.check()
    }

    @Test("Sixty-four tasks with random cancellations leave every permit returned")
    func manyTasks() async throws {
        let configuration = try CircuitBreaker.Configuration(
            window: .count(100), minimumCalls: 100, failureRate: 1, slowCalls: .init(over: .seconds(60), rate: 1, countRunning: true))
        let breaker = CircuitBreaker("hot", configuration)
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<64 {
                group.addTask {
                    for turn in 0..<200 {
                        let task = Task { try await breaker.run { await Task.yield() } }
                        if (turn + number) % 7 == 0 { task.cancel() }
                        _ = await task.result
                    }
                }
            }
        }
        let snapshot = breaker.snapshot()
        #expect(snapshot.state == .closed)
        #expect(snapshot.calls == 100)
        #expect(snapshot.failed == 0)
    }
}

struct Coded: StatusError {
    let code: StatusCode
    var retryAfter: Duration?
}

/// Holds the isolation of public entries: everything around a call must run on this actor.
private actor Keeper {
    let breaker: CircuitBreaker
    var touched = 0

    init(_ breaker: CircuitBreaker) {
        self.breaker = breaker
    }

    func check() async throws {
        let value = try await breaker.run {
            assertIsolated()
            touched += 1
            await Task.yield()
            assertIsolated()
            return touched
        }
        assertIsolated()
        #expect(value == 1)
        await breaker.isolate()
        assertIsolated()
        do {
            _ = try await breaker.run { touched += 1 }
            Issue.record("an isolated breaker let a call through")
        } catch {
            assertIsolated()
        }
        #expect(touched == 1)
        await breaker.release()
        let limiter = RateLimiter("quota", try .perSecond(1))
        try await limiter.run {
            assertIsolated()
            touched += 1
        }
        assertIsolated()
        await #expect(throws: Rejection.self) { try await limiter.run { 1 } }
        assertIsolated()
        _ = try await Pipeline("p") { breaker }.run { _ in 1 }
        assertIsolated()
    }
}
