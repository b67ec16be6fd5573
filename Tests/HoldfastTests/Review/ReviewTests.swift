import Dispatch
import HoldfastVirtualTime
import Synchronization
import Testing

@testable import Holdfast

struct MyCancelled: StatusError { var code: StatusCode { .cancelled } }
struct Own: Error {}

@Suite("Review", .serialized)
struct ReviewTests {
    static func breaker(_ world: VirtualTime) throws -> CircuitBreaker {
        CircuitBreaker("b", try .init(window: .count(10), minimumCalls: 10), timeSource: world.timeSource)
    }

    @Test("R1 S14/S15 isolate+release leaves the running call in RunningCalls")
    func runningLeak() throws {
        let s = BreakerScript(
            try .init(
                window: .count(10), minimumCalls: 1, failureRate: nil,
                slowCalls: .init(over: .milliseconds(10), rate: 1, countRunning: true)))
        let t = s.admit()!
        s.machine.control(.isolated, s.now, because: "x")
        s.machine.control(.automatic, s.now, because: "x")
        s.settle(t, .success)  // stale; ended in 0 ms
        s.at(1000)
        #expect(s.snapshot.slow == 0)
        #expect(s.state == .closed)
    }

    @Test("R2 untracked ticket slot 0 ends somebody else's running call")
    func slotZero() throws {
        let s = BreakerScript(
            try .init(
                window: .count(10), minimumCalls: 10,
                slowCalls: .init(over: .milliseconds(10), rate: 1)))
        let old = s.admit()!
        s.machine.reconfigure(
            try .init(
                window: .count(10), minimumCalls: 10,
                slowCalls: .init(over: .milliseconds(10), rate: 1, countRunning: true)), s.now, random: &s.random)
        _ = s.admit()!  // hangs
        s.settle(old, .success)
        s.at(1000)
        #expect(s.snapshot.slow == 1)
    }

    @Test("R3 window reshaped while a counted call runs: failed > calls")
    func amendOther() throws {
        let slow = CircuitBreaker.Configuration.SlowCalls(over: .milliseconds(10), rate: 1, countRunning: true)
        let s = BreakerScript(try .init(window: .count(10), minimumCalls: 10, slowCalls: slow))
        let t = s.admit()!
        s.at(100)
        #expect(s.snapshot.slow == 1)
        s.machine.reconfigure(try .init(window: .count(20), minimumCalls: 10, slowCalls: slow), s.now, random: &s.random)
        s.settle(t, .failure)
        let snap = s.snapshot
        #expect(snap.failed <= snap.calls, "\(snap.failed) of \(snap.calls)")
    }

    @Test("R4 S14 reconfigured slow rule: a call counts as slow twice")
    func slowTwice() throws {
        let s = BreakerScript(
            try .init(window: .count(10), minimumCalls: 10, slowCalls: .init(over: .milliseconds(10), rate: 1, countRunning: true)))
        let t = s.admit()!
        s.at(100)
        #expect(s.snapshot.slow == 1)
        s.machine.reconfigure(
            try .init(window: .count(10), minimumCalls: 10, slowCalls: .init(over: .milliseconds(10), rate: 0.9, countRunning: true)),
            s.now, random: &s.random)
        s.settle(t, .success)
        #expect(s.snapshot.slow == 1)
        #expect(s.snapshot.calls == 1)
    }

    @Test("R5 S80/S20 switching the ramp off leaves 90 % refused")
    func rampOff() throws {
        func c(_ ramp: Duration) throws -> CircuitBreaker.Configuration {
            try .init(window: .count(10), minimumCalls: 10, open: .exactly(.seconds(1)), halfOpen: .init(probes: 1), rampAfterClose: ramp)
        }
        let s = BreakerScript(try c(.seconds(3600)))
        s.machine.trip(s.now, random: &s.random)
        s.at(1000)
        #expect(s.calls("S") == 1)
        #expect(s.state == .closed)
        s.machine.reconfigure(try c(.zero), s.now, random: &s.random)
        #expect(s.calls(String(repeating: "S", count: 100)) == 100)
    }

    @Test("R6 S80 reloading the same configuration shortens the open time")
    func reloadShortens() throws {
        let c = try CircuitBreaker.Configuration(window: .count(10), minimumCalls: 10, open: .exactly(.seconds(5)))
        let s = BreakerScript(c)
        for _ in 0..<10 { if let t = s.admit() { s.settle(t, .failure, retryAfter: .seconds(30)) } }
        #expect(s.snapshot.retryAfter == .seconds(30))
        s.machine.reconfigure(c, s.now, random: &s.random)
        #expect(s.snapshot.retryAfter == .seconds(30))
    }

    @Test("R7 S7/S17 probe cut off by its caller's short deadline reopens the breaker")
    func probeCutOff() throws {
        let world = VirtualTime()
        let b = CircuitBreaker(
            "b", try .init(window: .count(10), minimumCalls: 10, open: .exactly(.seconds(1)), halfOpen: .init(probes: 1)),
            timeSource: world.timeSource)
        let p = try Pipeline("p", timeSource: world.timeSource) {
            b
            try Timeout("attempt", after: .milliseconds(200))
        }
        try world.run {
            await b.trip()
            try await world.timeSource.sleep(for: .seconds(2))
            _ = try? await p.run(deadline: world.now() + .milliseconds(10)) { _ in try await world.timeSource.sleep(for: .seconds(3600)) }
        }
        #expect(b.state == .halfOpen)
    }

    @Test("R8 S7 a nested timeout counts although a farther deadline is the nearest here")
    func nestedTimeout() throws {
        let world = VirtualTime()
        let b = try Self.breaker(world)
        let inner = try Pipeline("inner", timeSource: world.timeSource) { try Timeout(after: .milliseconds(10)) }
        let p = try Pipeline("p", timeSource: world.timeSource) {
            b
            try Timeout("attempt", after: .milliseconds(200))
        }
        try world.run {
            _ = try? await p.run(deadline: world.now() + .milliseconds(150)) { _ in
                try await inner.run { _ in try await world.timeSource.sleep(for: .seconds(3600)) }
            }
        }
        #expect(b.snapshot().failed == 1)
    }

    @Test("R9 S40 no work starts at its deadline after a wait for a permit")
    func zeroRemaining() throws {
        let world = VirtualTime()
        let l = RateLimiter("q", try .perSecond(1, burst: 1, maxWait: .seconds(5), maxQueued: 5), timeSource: world.timeSource)
        let p = try Pipeline("p", timeSource: world.timeSource) { l }
        let ran = Mutex(false)
        try world.run {
            try await l.run {}
            _ = try? await p.run(deadline: world.now() + .seconds(1)) { call in
                ran.withLock { $0 = true }; #expect(call.remaining! > .zero)
            }
        }
        #expect(ran.withLock { $0 } == false)
    }

    @Test("R10 S51 a waiter behind another waits past its own deadline after a reconfiguration")
    func waitsPastDeadline() throws {
        let world = VirtualTime()
        let l = RateLimiter("q", try .perSecond(10, burst: 1, maxWait: .seconds(100), maxQueued: 5), timeSource: world.timeSource)
        let ended = try world.run {
            try await l.run {}
            let first = Task(executorPreference: world) { try? await l.waitForPermit(deadline: nil) }
            await Task.yield()
            let second = Task(executorPreference: world) {
                _ = try? await l.waitForPermit(deadline: world.now() + .seconds(1)); return world.now()
            }
            await Task.yield()
            #expect(l.queued == 2)
            l.reconfigure(try .init(.tokenBucket(permits: 1, per: .seconds(60), burst: 1), maxWait: .seconds(100), maxQueued: 5))
            let end = await second.value
            _ = await first.value
            return end
        }
        #expect(ended.nanoseconds <= 1_100_000_000, "\(ended.nanoseconds)")
    }

    @Test("R11 S50 waiters whose permit comes exactly at maxWait are refused after waiting (real clock)")
    func lateTimer() async throws {
        let late = Mutex(0)
        for _ in 0..<20 {
            let l = RateLimiter(
                "q", try .init(.tokenBucket(permits: 1, per: .milliseconds(20), burst: 1), maxWait: .milliseconds(20), maxQueued: 5))
            try await l.run {}
            do { try await l.run {} } catch let r as Rejection {
                if r.reason == .waitedTooLong { late.withLock { $0 += 1 } }
            }
        }
        #expect(late.withLock { $0 } == 0)
    }

    @Test("R12 S44 byOperation hides the deadline from nested pipelines")
    func byOperationTaskLocal() throws {
        let world = VirtualTime()
        let p = try Pipeline("p", timeSource: world.timeSource) { try Timeout(after: .milliseconds(100)) }
        let q = Pipeline("q", [], timeSource: world.timeSource)
        let seen = try world.run {
            try await p.run(enforcement: .byOperation) { _ in try await q.run { $0.deadline } }
        }
        #expect(seen == Instant(nanoseconds: 100_000_000))
    }

    @Test("R13 S35 a fallback closure runs past the caller's deadline")
    func fallbackPastDeadline() throws {
        let world = VirtualTime()
        let p = Pipeline("p", [], timeSource: world.timeSource)
        let end = try world.run {
            _ = try? await p.run(deadline: world.now() + .seconds(1)) { _ in
                throw Own()
            } fallback: { _ in
                try await world.timeSource.sleep(for: .seconds(100))
            }
            return world.now()
        }
        #expect(end.nanoseconds <= 1_000_000_000, "\(end.nanoseconds)")
    }

    @Test("R14 S4 an inner rejection wrapped in FallbackError is ignored by an outer breaker")
    func wrappedRejection() {
        let r = Rejection(policy: "x", kind: .circuitBreaker, reason: .open)
        #expect(Classification.standard.outcome(of: FallbackError(failure: r, fallbackErrors: [Own()])) == .ignored)
        let t = FallbackError(failure: TimeoutError(policy: nil, scope: .total, after: .seconds(1)), fallbackErrors: [Own()])
        #expect(FailureSelector(origins: [.timeout]).matches(t))
    }

    @Test("R15 S1 a hang whose operation reports the cancellation in its own words still fails the breaker")
    func ownWord() throws {
        let world = VirtualTime()
        let b = try Self.breaker(world)
        let p = try Pipeline("p", timeSource: world.timeSource) {
            b; try Timeout(after: .milliseconds(100))
        }
        try world.run {
            await #expect(throws: TimeoutError.self) {
                try await p.run { _ in
                    do { try await world.timeSource.sleep(for: .seconds(3600)) } catch { throw MyCancelled() }
                }
            }
            await #expect(throws: Own.self) {
                try await p.run { _ in
                    do { try await world.timeSource.sleep(for: .seconds(3600)) } catch { throw Own() }
                }
            }
        }
        #expect(b.snapshot().failed == 2)
    }

    @Test("R16 S1 a caller that goes away is neutral even if the operation has its own word for it")
    func ownWordCancel() throws {
        let world = VirtualTime()
        let b = try Self.breaker(world)
        let p = Pipeline("p", [.gate(b)], timeSource: world.timeSource)
        let fell = Holder2(Atomic(0))
        try world.run {
            let t = Task(executorPreference: world) {
                try await p.run { _ in
                    do { try await world.timeSource.sleep(for: .seconds(3600)) } catch { throw Own() }
                } fallback: { _ in
                    _ = fell.value.add(1, ordering: .relaxed)
                }
            }
            await Task.yield()
            t.cancel()
            _ = await t.result
        }
        #expect(b.snapshot().failed == 0)
        #expect(fell.value.load(ordering: .relaxed) == 0)
    }

    @Test("R17 one source given twice (shared gate) delivers each event twice")
    func duplicateSource() async throws {
        let world = VirtualTime()
        let b = try Self.breaker(world)
        let events = PolicyEvents([b.eventSource, b.eventSource])
        await b.trip()
        events.finish()
        var n = 0
        for await _ in events { n += 1 }
        #expect(n == 1)
    }

    @Test("R18 trap: sub-nanosecond period divides by zero") func subNano() async {
        do {
            guard
                let c = try? RateLimiter.Configuration(
                    .tokenBucket(permits: 1, per: Duration(secondsComponent: 0, attosecondsComponent: 5), burst: 1))
            else { return }
            _ = RateLimiter("q", c).available
        }
    }

    @Test("R19 trap: time window at a negative instant") func negative() async throws {
        do {
            let world = VirtualTime(start: Instant(nanoseconds: -20_000_000_000))
            let b = CircuitBreaker("b", try .init(), timeSource: world.timeSource)
            try await b.run {}
        }
    }

    @Test("R20 trap: a virtual hang until distantFuture moves the clock to the end, and the window traps") func future() async throws {
        do {
            let world = VirtualTime()
            let b = CircuitBreaker("b", try .init(), timeSource: world.timeSource)
            _ = try? world.run { try await b.run { try await world.timeSource.sleep(until: .distantFuture) } }
            _ = b.state
            _ = b.state
        }
    }

    @Test("R20b virtual hang is a deadlock") func futureDeadlock() {
        let world = VirtualTime()
        #expect(throws: VirtualTime.Deadlock.self) { try world.run { try await world.timeSource.sleep(until: .distantFuture) } }
    }

    @Test("R21 a drain in a cancelled task spins and starves the pool")
    func drainSpins() async throws {
        let turns = Atomic(0)
        let t = Task {
            let end = TimeSource.system.now() + .milliseconds(200)
            while TimeSource.system.now() < end {
                try? await TimeSource.system.sleep(for: .milliseconds(10))
                turns.add(1, ordering: .relaxed)
            }
        }
        t.cancel()
        await t.value
        #expect(turns.load(ordering: .relaxed) < 100)
    }

    @Test("R22 drain starves the calls it waits for") func starve() async {
        do {
            DispatchQueue(label: "watch").asyncAfter(deadline: .now() + 5) { fatalError("starved: the calls never got a thread") }
            let inFlight = Atomic(1)
            let box = Holder2(inFlight)
            Task {
                try? await TimeSource.system.sleep(for: .milliseconds(300))
                box.value.subtract(1, ordering: .relaxed)
            }
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<2 {
                    group.addTask {
                        while box.value.load(ordering: .relaxed) > 0 { try? await TimeSource.system.sleep(for: .milliseconds(10)) }
                    }
                }
                try? await TimeSource.system.sleep(for: .milliseconds(50))
                group.cancelAll()
            }
        }
    }

    @Test("R23 wheel: earliest tick first, after a long sleep") func wheel() {
        var wheel = TimerWheel<Int>(start: Instant(nanoseconds: 0))
        _ = wheel.insert(Instant(nanoseconds: 1_030_000_000), 1030)
        _ = wheel.insert(Instant(nanoseconds: 10_000_000), 10)
        var due: [Int] = []
        wheel.advance(to: Instant(nanoseconds: 2_000_000_000), into: &due)
        #expect(due == [10, 1030])
    }

    @Test("R24 S17 success on the instant the deadline lease ends") func successAtLease() throws {
        let s = BreakerScript(try .init(window: .count(10), minimumCalls: 10, open: .exactly(.seconds(1)), halfOpen: .init(probes: 1)))
        s.machine.trip(s.now, random: &s.random)
        s.at(1000)
        let t = s.admit(deadline: Instant(nanoseconds: 1_100_000_000))!
        s.at(1100)
        s.settle(t, .success)
        #expect(s.state == .closed)
    }
}

final class Holder2: Sendable {
    let value: Atomic<Int>
    init(_ v: consuming Atomic<Int>) { value = v }
}
