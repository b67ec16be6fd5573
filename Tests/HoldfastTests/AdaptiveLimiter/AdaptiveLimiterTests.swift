import HoldfastVirtualTime
import Synchronization
import Testing

@testable import Holdfast

@Suite("Adaptive limiter: calls")
struct AdaptiveLimiterTests {
    private struct Failure: StatusError {
        let code: StatusCode
    }

    private static func limiter(
        _ world: VirtualTime, _ algorithm: AdaptiveLimiter.Configuration.Algorithm = .aimd(), initial: Int = 1, minimum: Int = 1,
        maxQueued: Int = 0
    ) throws -> AdaptiveLimiter {
        let configuration = try AdaptiveLimiter.Configuration(
            algorithm, initial: initial, minimum: minimum, maximum: 100, maxQueued: maxQueued)
        return AdaptiveLimiter("adaptive", configuration, timeSource: world.timeSource, random: RandomSource(seed: 1))
    }

    /// Takes every free permit.
    private static func fill(_ limiter: AdaptiveLimiter) -> [Ticket] {
        var tickets: [Ticket] = []
        var attempt = Attempt(limiter.timeSource)
        while case .admitted(let ticket) = limiter.admit(&attempt) { tickets.append(ticket) }
        return tickets
    }

    private static func settle(_ limiter: AdaptiveLimiter, _ ticket: Ticket, _ completion: Completion = .judged(.cancelled)) {
        var attempt = Attempt(limiter.timeSource)
        limiter.settle(ticket, completion, &attempt)
    }

    @Test("S5, S70: above the limit a call is refused, by name and reason, and a permit that comes back lets the next one in")
    func refused() async throws {
        let limiter = try Self.limiter(VirtualTime(), initial: 3)
        let tickets = Self.fill(limiter)
        #expect(tickets.count == 3 && limiter.inFlight == 3)
        await #expect { try await limiter.run {} } throws: {
            $0 as? Rejection == Rejection(policy: "adaptive", kind: .adaptiveLimiter, reason: .full)
        }
        Self.settle(limiter, tickets[0])
        try await limiter.run {}
        #expect(limiter.counters.admitted == 4 && limiter.counters.rejected == 2 && limiter.counters.cancelled == 1)
    }

    @Test(
        "S70: answers let the limit climb, drops shrink it, and what says nothing about the service leaves it",
        arguments: [
            (Completion.succeeded, 21), (.judged(.success), 21),
            (.failed(Failure(code: .notFound)), 21), (.failed(Failure(code: .invalidArgument)), 21),
            (.failed(Failure(code: .deadlineExceeded)), 18), (.failed(Failure(code: .resourceExhausted)), 18),
            (.failed(Failure(code: .unavailable)), 18),
            (.failed(TimeoutError(policy: nil, scope: .attempt, after: .seconds(1))), 18),
            (.failed(FallbackError(failure: Failure(code: .unavailable), fallbackErrors: [])), 18),
            (.failed(Failure(code: .internalError)), 20), (.failed(Failure(code: .aborted)), 20),
            (.failed(Rejection(policy: "inner", kind: .bulkhead, reason: .full)), 20),
            (.failed(CancellationError()), 20), (.judged(.failure), 20), (.judged(.ignored), 20), (.judged(.cancelled), 20),
            (.superseded, 20),
        ] as [(Completion, Int)])
    func signals(_ completion: Completion, limit: Int) throws {
        let limiter = try Self.limiter(VirtualTime(), initial: 20)
        let tickets = Self.fill(limiter)
        Self.settle(limiter, tickets[19], completion)
        #expect(limiter.limit == limit && limiter.inFlight == 19)
        let counters = limiter.counters
        #expect(counters.succeeded + counters.failed + counters.ignored + counters.cancelled == 1)
    }

    @Test("S8, S70: a stream is a sample at its first message, and only once; a drop after that still counts")
    func stream() throws {
        let world = VirtualTime()
        let limiter = try Self.limiter(world, .aimd(.init(timeout: .seconds(1))), initial: 20)
        var attempt = Attempt(world.timeSource)
        var tickets = Self.fill(limiter)
        tickets[19] = limiter.answered(tickets[19], &attempt)
        #expect(limiter.limit == 21)
        world.advance(by: .seconds(60))
        Self.settle(limiter, tickets[19], .succeeded)
        #expect(limiter.limit == 21)
        tickets[18] = limiter.answered(tickets[18], &attempt)
        Self.settle(limiter, tickets[18], .failed(Failure(code: .unavailable)))
        #expect(limiter.limit == 19)
    }

    @Test("S70: a sample of an attempt from an earlier epoch changes nothing but the count of stale ones")
    func epoch() throws {
        let limiter = try Self.limiter(VirtualTime(), initial: 20)
        let tickets = Self.fill(limiter)
        limiter.reconfigure(try .init(.aimd(), minimum: 1, maximum: 100))
        Self.settle(limiter, tickets[19], .failed(Failure(code: .unavailable)))
        limiter.reset()
        Self.settle(limiter, tickets[18], .succeeded)
        #expect(limiter.limit == 20 && limiter.counters.stale == 2 && limiter.inFlight == 18)
        Self.settle(limiter, Self.fill(limiter)[1], .succeeded)
        #expect(limiter.limit == 21)
    }

    @Test("S51: waiting calls start first in, first out, as permits come back")
    func order() throws {
        let world = VirtualTime()
        let limiter = try Self.limiter(world, maxQueued: 10)
        // A limit of 1 that stays there: every answer takes longer than the timeout.
        limiter.reconfigure(try .init(.aimd(.init(timeout: .milliseconds(1))), minimum: 1, maximum: 1, maxQueued: 10))
        let starts = try world.run {
            try await withThrowingTaskGroup(of: (Int, Int64).self) { group in
                for number in 0..<5 {
                    group.addTask {
                        try await limiter.run {
                            let start = world.now().nanoseconds / 1_000_000
                            try await world.timeSource.sleep(for: .milliseconds(100))
                            return (number, start)
                        }
                    }
                    await Task.yield()
                }
                return try await group.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }.map(\.1)
            }
        }
        #expect(starts == [0, 100, 200, 300, 400])
        #expect(limiter.inFlight == 0 && limiter.queued == 0 && limiter.counters.admitted == 5)
    }

    @Test("S50: a full queue refuses; who waits leaves at its deadline, and one whose deadline has passed never joins")
    func bounds() throws {
        let world = VirtualTime()
        let limiter = try Self.limiter(world, maxQueued: 1)
        try world.run {
            let tickets = Self.fill(limiter)
            let deadline = world.now() + .seconds(1)
            let waiting = Task(executorPreference: world) {
                try await limiter.waitForPermit(Attempt(world.timeSource, deadline: deadline))
            }
            await Task.yield()
            #expect(limiter.queued == 1)
            await #expect { try await limiter.run {} } throws: { ($0 as? Rejection)?.reason == .queueFull }
            await #expect { try await waiting.value } throws: { ($0 as? Rejection)?.reason == .waitedTooLong }
            #expect(world.now() == deadline + .nanoseconds(1) && limiter.queued == 0)
            await #expect {
                try await limiter.waitForPermit(Attempt(world.timeSource, deadline: deadline))
            } throws: {
                ($0 as? Rejection)?.reason == .deadlinePassed
            }
            Self.settle(limiter, tickets[0])
            try await limiter.run {}
        }
    }

    @Test("S51: who waited too long is dropped before anybody is served, however late the timer")
    func lateTimer() async throws {
        let clock = ClockWithoutTimers()
        let source = TimeSource(virtual: clock)
        let limiter = AdaptiveLimiter(
            "limit", try .init(.aimd(), initial: 1, minimum: 1, maximum: 1, maxQueued: 2), timeSource: source)
        let tickets = Self.fill(limiter)
        let late = Task { try await limiter.waitForPermit(Attempt(source, deadline: Instant(nanoseconds: 1_000))) }
        while limiter.queued < 1 { await Task.yield() }
        let patient = Task { try await limiter.waitForPermit(Attempt(source)) }
        while limiter.queued < 2 { await Task.yield() }
        clock.time.store(2_000, ordering: .relaxed)
        Self.settle(limiter, tickets[0])
        await #expect { try await late.value } throws: { ($0 as? Rejection)?.reason == .waitedTooLong }
        Self.settle(limiter, try await patient.value)
        #expect(limiter.inFlight == 0 && limiter.queued == 0)
    }

    @Test("S70: a new limit lets as many waiting calls in as it has room for, and newcomers go behind them")
    func growth() throws {
        let world = VirtualTime()
        let limiter = try Self.limiter(world, maxQueued: 10)
        try world.run {
            let tickets = Self.fill(limiter)
            let waiting = (0..<4).map { _ in
                Task(executorPreference: world) { try await limiter.waitForPermit(Attempt(world.timeSource)) }
            }
            await Task.yield()
            #expect(limiter.queued == 4)
            // The answer raises the limit to 2 and gives its own permit back.
            Self.settle(limiter, tickets[0], .succeeded)
            _ = try await (waiting[0].value, waiting[1].value)
            #expect(limiter.limit == 2 && limiter.inFlight == 2 && limiter.queued == 2)
            var attempt = Attempt(world.timeSource)
            guard case .mustWait = limiter.admit(&attempt) else { return #expect(Bool(false), "a newcomer overtakes") }
            limiter.reconfigure(try .init(.aimd(), minimum: 10, maximum: 100, maxQueued: 1))
            _ = try await (waiting[2].value, waiting[3].value)
            #expect(limiter.limit == 10 && limiter.inFlight == 4)
        }
    }

    @Test("S8, S70: a stream's first message raises the limit, and who waits is let in although the stream goes on")
    func growthByStream() throws {
        let world = VirtualTime()
        let limiter = try Self.limiter(world, maxQueued: 10)
        try world.run {
            let tickets = Self.fill(limiter)
            let waiting = Task(executorPreference: world) { try await limiter.run {} }
            await Task.yield()
            var attempt = Attempt(world.timeSource)
            let ticket = limiter.answered(tickets[0], &attempt)
            try await waiting.value
            Self.settle(limiter, ticket, .succeeded)
            #expect(limiter.inFlight == 0 && limiter.queued == 0)
        }
    }

    @Test("S54: shrinking drops no running call, and lets nobody in until enough have ended")
    func shrink() throws {
        let limiter = try Self.limiter(VirtualTime(), initial: 10)
        let tickets = Self.fill(limiter)
        limiter.reconfigure(try .init(.aimd(), minimum: 1, maximum: 4))
        #expect(limiter.limit == 4 && limiter.inFlight == 10)
        for ticket in tickets.prefix(6) { Self.settle(limiter, ticket) }
        #expect(Self.fill(limiter).isEmpty)
        Self.settle(limiter, tickets[6])
        #expect(Self.fill(limiter).count == 1)
    }

    @Test("Cancelled before it waits, while it waits, at the grant and while it runs, a call leaves no permit behind")
    func cancellation() throws {
        let world = VirtualTime()
        let limiter = try Self.limiter(world, maxQueued: 10)
        try world.run {
            let before = Task(executorPreference: world) {
                withUnsafeCurrentTask { $0?.cancel() }
                _ = try await limiter.waitForPermit(Attempt(world.timeSource))
            }
            let held = Self.fill(limiter)
            await #expect(throws: CancellationError.self) { try await before.value }
            #expect(limiter.queued == 0 && limiter.inFlight == 1)

            let queued = Task(executorPreference: world) { try await limiter.run {} }
            await Task.yield()
            #expect(limiter.queued == 1)
            queued.cancel()
            await #expect(throws: CancellationError.self) { try await queued.value }
            #expect(limiter.queued == 0)

            let granted = Task(executorPreference: world) { try await limiter.run { try Task.checkCancellation() } }
            await Task.yield()
            Self.settle(limiter, held[0])
            granted.cancel()
            await #expect(throws: CancellationError.self) { try await granted.value }
            #expect(limiter.inFlight == 0)

            let running = Task(executorPreference: world) {
                try await limiter.run { try await world.timeSource.sleep(for: .seconds(10)) }
            }
            await Task.yield()
            #expect(limiter.inFlight == 1)
            running.cancel()
            await #expect(throws: CancellationError.self) { try await running.value }
            #expect(limiter.inFlight == 0 && limiter.limit == 1)
        }
    }

    @Test("S22, S70: each new limit is one event, in order")
    func events() async throws {
        let limiter = try Self.limiter(VirtualTime(), initial: 20)
        let events = limiter.events()
        let tickets = Self.fill(limiter)
        Self.settle(limiter, tickets[19], .succeeded)
        Self.settle(limiter, tickets[18], .failed(Failure(code: .unavailable)))
        limiter.reconfigure(try .init(.aimd(), maximum: 10))
        events.finish()
        var seen: [String] = []
        for await event in events {
            switch event.decision {
            case .limitChanged(let from, let to): seen.append("\(from) to \(to)")
            case .reconfigured: seen.append("reconfigured")
            case .rejected(let reason, _): seen.append("\(reason)")
            default: seen.append("?")
            }
        }
        #expect(seen == ["full", "20 to 21", "21 to 18", "reconfigured", "18 to 10"])
    }

    @Test("A call runs where its caller is isolated")
    @MainActor
    func isolation() async throws {
        let limiter = AdaptiveLimiter("isolated", try .init(.vegas()))
        var count = 0
        try await limiter.run {
            MainActor.assertIsolated()
            count += 1
        }
        #expect(count == 1)
    }
}

/// A clock moved by hand whose timers never come in time.
private final class ClockWithoutTimers: VirtualTimeSource {
    let time = Atomic<Int64>(0)
    var taskExecutor: (any TaskExecutor)? { nil }

    func now() -> Instant { Instant(nanoseconds: time.load(ordering: .relaxed)) }
    func schedule(at deadline: Instant, _ action: @escaping @Sendable () -> Void) -> TimerHandle { TimerHandle {} }
}
