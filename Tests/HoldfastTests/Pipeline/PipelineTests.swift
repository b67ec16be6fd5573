import HoldfastVirtualTime
import Testing

@testable import Holdfast

@Suite("Pipeline")
struct PipelineTests {
    private static func breaker(_ world: VirtualTime, _ name: String = "breaker") throws -> CircuitBreaker {
        CircuitBreaker(name, try .init(window: .count(10), minimumCalls: 10), timeSource: world.timeSource)
    }

    private static func hang(_ world: VirtualTime) async throws {
        try await world.timeSource.sleep(for: .seconds(3600))
    }

    @Test("S1: an expiry is a timeout for every gate inside it, although the operation sees a cancellation")
    func expiryOpensInnerBreaker() throws {
        let world = VirtualTime()
        let breaker = try Self.breaker(world)
        let pipeline = try Pipeline("p", timeSource: world.timeSource) {
            try Timeout(after: .milliseconds(100))
            breaker
        }
        try world.run {
            await #expect(throws: TimeoutError.self) { try await pipeline.run { _ in try await Self.hang(world) } }
        }
        #expect(breaker.snapshot().failed == 1)
    }

    @Test(
        "S7: an attempt cut off by an outer deadline that left it less than its own timeout says nothing about the service",
        arguments: [(150, 0), (250, 1)])
    func cutOff(deadline: Int, failed: Int) throws {
        let world = VirtualTime()
        let breaker = try Self.breaker(world)
        let pipeline = try Pipeline("p", timeSource: world.timeSource) {
            breaker
            try Timeout("attempt", after: .milliseconds(200))
        }
        try world.run {
            await #expect(throws: TimeoutError.self) {
                try await pipeline.run(deadline: world.now() + .milliseconds(deadline)) { _ in try await Self.hang(world) }
            }
        }
        #expect(breaker.snapshot().failed == failed)
        #expect(breaker.snapshot().calls == failed)
    }

    @Test("S7, S17: a probe cut off by its caller's short deadline gives its slot back and does not open the breaker again")
    func probeCutOff() throws {
        let world = VirtualTime()
        let breaker = CircuitBreaker(
            "breaker", try .init(window: .count(10), minimumCalls: 10, open: .exactly(.seconds(1)), halfOpen: .init(probes: 1)),
            timeSource: world.timeSource)
        let pipeline = try Pipeline("p", timeSource: world.timeSource) {
            breaker
            try Timeout("attempt", after: .milliseconds(200))
        }
        try world.run {
            await breaker.trip()
            try await world.timeSource.sleep(for: .seconds(2))
            await #expect(throws: TimeoutError.self) {
                try await pipeline.run(deadline: world.now() + .milliseconds(10)) { _ in try await Self.hang(world) }
            }
        }
        #expect(breaker.state == .halfOpen)
        #expect(breaker.snapshot().probesAvailable == 1)
    }

    @Test("S7: a timeout of a pipeline further in counts, although a deadline further off is the nearest one here")
    func nestedTimeout() throws {
        let world = VirtualTime()
        let breaker = try Self.breaker(world)
        let inner = try Pipeline("inner", timeSource: world.timeSource) { try Timeout(after: .milliseconds(10)) }
        let outer = try Pipeline("outer", timeSource: world.timeSource) {
            breaker
            try Timeout("attempt", after: .milliseconds(200))
        }
        try world.run {
            await #expect(throws: TimeoutError.self) {
                try await outer.run(deadline: world.now() + .milliseconds(150)) { _ in
                    try await inner.run { _ in try await Self.hang(world) }
                }
            }
        }
        #expect(breaker.snapshot().failed == 1)
    }

    @Test("S1, S44: an enclosing pipeline's expiry is a timeout for the inner one's breaker, not a cancellation")
    func enclosingExpiry() throws {
        let world = VirtualTime()
        let breaker = try Self.breaker(world)
        let outer = try Pipeline("outer", timeSource: world.timeSource) { try Timeout("total", after: .milliseconds(100)) }
        let inner = Pipeline("inner", [.gate(breaker)], timeSource: world.timeSource)
        try world.run {
            await #expect(throws: TimeoutError(policy: "total", scope: .total, after: .milliseconds(100))) {
                try await outer.run { _ in try await inner.run { _ in try await Self.hang(world) } }
            }
        }
        #expect(breaker.snapshot().failed == 1)
    }

    @Test("S1: a hang fails the breaker although the operation reports its cancellation in its own words")
    func expiryInOwnWords() throws {
        let world = VirtualTime()
        let breaker = try Self.breaker(world)
        let pipeline = try Pipeline("p", timeSource: world.timeSource) {
            breaker
            try Timeout(after: .milliseconds(100))
        }
        try world.run {
            await #expect(throws: TimeoutError.self) {
                try await pipeline.run { _ in
                    do { try await Self.hang(world) } catch { throw Coded(code: .cancelled) }
                }
            }
            await #expect(throws: OwnWord.self) {
                try await pipeline.run { _ in
                    do { try await Self.hang(world) } catch { throw OwnWord() }
                }
            }
        }
        #expect(breaker.snapshot().failed == 2)
    }

    @Test("S1: a caller that goes away is neutral, and no fallback answers, although the operation has its own word for it")
    func cancellationInOwnWords() throws {
        let world = VirtualTime()
        let breaker = try Self.breaker(world)
        let pipeline = Pipeline("p", [.gate(breaker)], timeSource: world.timeSource)
        try world.run {
            let task = Task(executorPreference: world) {
                try await pipeline.run { _ -> Void in
                    do { try await Self.hang(world) } catch { throw OwnWord() }
                } fallback: { _ in
                    Issue.record("the fallback answered a caller that is gone")
                }
            }
            await Task.yield()
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
        }
        #expect(breaker.snapshot().calls == 0)
    }

    @Test("S4: a rejection further in is ignored by breakers further out")
    func innerRejection() throws {
        let world = VirtualTime()
        let breaker = try Self.breaker(world)
        let quota = RateLimiter("quota", try .perSecond(1), timeSource: world.timeSource)
        let pipeline = Pipeline("p", timeSource: world.timeSource) {
            breaker
            quota
        }
        try world.run {
            try await pipeline.run { _ in }
            await #expect(throws: Rejection.self) { try await pipeline.run { _ in 1 } }
        }
        #expect(breaker.snapshot().calls == 1)
        #expect(breaker.snapshot().failed == 0)
    }

    @Test("An operation that honours its deadline itself runs in the caller's task, and its word for it becomes a timeout")
    func byOperation() throws {
        let world = VirtualTime()
        let breaker = try Self.breaker(world)
        let pipeline = try Pipeline("p", timeSource: world.timeSource) {
            breaker
            try Timeout("attempt", after: .milliseconds(200))
        }
        try world.run {
            await #expect(throws: TimeoutError(policy: "attempt", scope: .total, after: .milliseconds(200))) {
                try await pipeline.run(enforcement: .byOperation) { call in
                    try await world.timeSource.sleep(until: call.deadline!)
                    throw Coded(code: .deadlineExceeded)
                }
            }
            // A server's own DEADLINE_EXCEEDED before ours is its answer, not our timeout.
            await #expect(throws: Coded.self) {
                try await pipeline.run(enforcement: .byOperation) { _ in throw Coded(code: .deadlineExceeded) }
            }
        }
        #expect(breaker.snapshot().failed == 2)
    }

    @Test("Tickets of many gates are settled innermost first, each exactly once, on every way out")
    func settlesEveryTicket() throws {
        let world = VirtualTime()
        let log = SettleLog()
        let gates = (0..<7).map { Pipeline.Stage.gate(Recorder(number: $0, log: log, refuses: false, timeSource: world.timeSource)) }
        let refusing = Pipeline.Stage.gate(Recorder(number: 7, log: log, refuses: true, timeSource: world.timeSource))
        try world.run {
            try await Pipeline("ok", gates, timeSource: world.timeSource).run { _ in }
            #expect(log.takeAll() == [6, 5, 4, 3, 2, 1, 0])
            await #expect(throws: Rejection.self) {
                try await Pipeline("no", gates + [refusing], timeSource: world.timeSource).run { _ in }
            }
            #expect(log.takeAll() == [6, 5, 4, 3, 2, 1, 0])
            await #expect(throws: Coded.self) {
                try await Pipeline("e", gates, timeSource: world.timeSource).run { _ in throw Coded(code: .unknown) }
            }
            #expect(log.takeAll() == [6, 5, 4, 3, 2, 1, 0])
        }
    }

    @Test("A waiting gate's cancelled caller settles the gates outside it as cancelled")
    func cancelledWhileWaiting() throws {
        let world = VirtualTime()
        let breaker = try Self.breaker(world)
        let quota = RateLimiter("quota", try .perSecond(1, maxWait: .seconds(5), maxQueued: 5), timeSource: world.timeSource)
        let pipeline = Pipeline("p", [.gate(breaker), .gate(quota)], timeSource: world.timeSource)
        try world.run {
            try await pipeline.run { _ in }
            let waiting = Task(executorPreference: world) { try await pipeline.run { _ in } }
            await Task.yield()
            waiting.cancel()
            await #expect(throws: CancellationError.self) { try await waiting.value }
        }
        #expect(breaker.snapshot().calls == 1)
        #expect(quota.queued == 0)
    }

    @Test("One stream gives the events of all its policies")
    func events() throws {
        let world = VirtualTime()
        let quota = RateLimiter("quota", try .perSecond(1), timeSource: world.timeSource)
        let pipeline = try Pipeline("p", timeSource: world.timeSource) {
            try Timeout("limit", after: .milliseconds(10), timeSource: world.timeSource)
            quota
        }
        let events = pipeline.events()
        let kinds = try world.run {
            _ = try? await pipeline.run { _ in try await Self.hang(world) }
            _ = try? await pipeline.run { _ in }
            events.finish()
            var kinds: [PolicyKind] = []
            for await event in events { kinds.append(event.kind) }
            return kinds
        }
        #expect(kinds == [.timeout, .rateLimiter])
    }
}

/// An error that says nothing of a cancellation.
private struct OwnWord: Error {}

final class SettleLog: Sendable {
    private let numbers = Locked<[Int]>([])

    func append(_ number: Int) { numbers.withLock { $0.append(number) } }

    func takeAll() -> [Int] {
        numbers.withLock { numbers in
            defer { numbers = [] }
            return numbers
        }
    }
}

/// A gate of a user's own: it writes down what is settled.
private final class Recorder: Gate {
    let number: Int
    let log: SettleLog
    let refuses: Bool
    let timeSource: TimeSource
    var name: String { "recorder \(number)" }
    var kind: PolicyKind { PolicyKind(rawValue: "recorder") }
    let eventSource = EventSource()

    init(number: Int, log: SettleLog, refuses: Bool, timeSource: TimeSource) {
        self.number = number
        self.log = log
        self.refuses = refuses
        self.timeSource = timeSource
    }

    var counters: PolicyCounters { PolicyCounters() }

    func admit(_ attempt: inout Attempt) -> Admission {
        refuses ? .rejected(Rejection(policy: name, kind: kind, reason: .quota)) : .admitted(Ticket(slot: number))
    }

    func settle(_ ticket: Ticket, _ completion: Completion, _ attempt: inout Attempt) {
        #expect(ticket.slot == number)
        log.append(number)
    }
}
