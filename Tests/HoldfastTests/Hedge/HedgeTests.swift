import HoldfastVirtualTime
import Synchronization
import Testing

@testable import Holdfast

@Suite("Hedge: calls")
struct HedgeTests {
    private static let down = Coded(code: .unavailable)

    private static func hedge(
        _ world: VirtualTime, _ after: Hedge.Configuration.Delay = .fixed(.milliseconds(100)), maxExtra: Int = 1,
        nonFatal: FailureSelector? = nil
    ) throws -> Hedge {
        Hedge("hedge", try .init(after: after, maxExtra: maxExtra, nonFatal: nonFatal), timeSource: world.timeSource)
    }

    private static func ms(_ world: VirtualTime) -> Int64 { world.now().nanoseconds / 1_000_000 }

    @Test("S65: a fast call is made once")
    func doesNotFire() throws {
        let world = VirtualTime()
        let hedge = try Self.hedge(world)
        try world.run {
            #expect(try await hedge.run { $0.number } == 1)
            let slower = try await hedge.run { attempt in
                try await world.timeSource.sleep(for: .milliseconds(99))
                return attempt.number
            }
            #expect(slower == 1)
        }
        #expect(Self.ms(world) == 99)
        #expect(hedge.counters.hedged == 0)
    }

    @Test("S65: after the delay another attempt starts; the first answer wins, the loser is cancelled and knows why")
    func fires() throws {
        let world = VirtualTime()
        let hedge = try Self.hedge(world)
        let superseded = Locked<[Int: Bool]>([:])
        try world.run {
            let winner = try await hedge.run { attempt in
                do {
                    try await world.timeSource.sleep(for: attempt.number == 1 ? .seconds(5) : .milliseconds(50))
                } catch {
                    superseded.withLock { $0[attempt.number] = attempt.isSuperseded && Task.isCancelled }
                    throw error
                }
                #expect(!attempt.isSuperseded)
                return attempt.number
            }
            #expect(winner == 2)
        }
        #expect(Self.ms(world) == 150)
        #expect(superseded.withLock { $0 } == [1: true])
        #expect(hedge.counters.hedged == 1)
    }

    @Test("S65: a failure never beats a slower success")
    func failureWaits() throws {
        let world = VirtualTime()
        let hedge = try Self.hedge(world)
        try world.run {
            let winner = try await hedge.run { attempt in
                try await world.timeSource.sleep(for: attempt.number == 1 ? .milliseconds(400) : .milliseconds(10))
                if attempt.number == 2 { throw Self.down }
                return attempt.number
            }
            #expect(winner == 1)
        }
        #expect(Self.ms(world) == 400)
    }

    @Test(
        "S65: what an error means for the call",
        arguments: [
            // The error of attempt 1, after 10 ms; which attempts ran; whether the call answered; when it ended.
            (Coded(code: .unavailable), [1, 2], true, 15),
            (Coded(code: .deadlineExceeded), [1, 2], true, 15),
            (Coded(code: .notFound), [1], false, 10),
            (Coded(code: .invalidArgument), [1], false, 10),
            (Coded(code: .resourceExhausted), [1], false, 10),
            (Coded(code: .unavailable, retryAfter: .seconds(1)), [1], false, 10),
            (CancellationError(), [1], false, 10),
            (Rejection(policy: "b", kind: .bulkhead, reason: .full), [1], false, 10),
            (TimeoutError(policy: "t", scope: .attempt, after: .milliseconds(10)), [1, 2], true, 15),
        ] as [(any Error & Sendable, [Int], Bool, Int64)])
    func errors(error: any Error & Sendable, attempts: [Int], answers: Bool, end: Int64) throws {
        let world = VirtualTime()
        let hedge = try Self.hedge(world)
        let ran = Locked<[Int]>([])
        let answered: Bool? = try world.run {
            try? await hedge.run { attempt in
                ran.withLock { $0.append(attempt.number) }
                try await world.timeSource.sleep(for: attempt.number == 1 ? .milliseconds(10) : .milliseconds(5))
                if attempt.number == 1 { throw error }
                return true
            }
        }
        #expect(ran.withLock { $0 } == attempts)
        #expect((answered ?? false) == answers)
        #expect(Self.ms(world) == end)
    }

    @Test("S65: with named non-fatal codes, another failure ends the call although an attempt runs (gRFC A6)")
    func fatal() throws {
        let world = VirtualTime()
        let hedge = try Self.hedge(world, nonFatal: FailureSelector(codes: [.unavailable]))
        try world.run {
            await #expect {
                try await hedge.run { attempt in
                    try await world.timeSource.sleep(for: attempt.number == 1 ? .seconds(5) : .milliseconds(10))
                    throw Coded(code: .internalError)
                }
            } throws: { ($0 as? Coded)?.code == .internalError }
        }
        #expect(Self.ms(world) == 110)
    }

    @Test("S65: when all fail, the call fails as its first attempt did")
    func allFail() throws {
        let world = VirtualTime()
        let hedge = try Self.hedge(world, maxExtra: 3)
        try world.run {
            await #expect {
                try await hedge.run { attempt in
                    try await world.timeSource.sleep(for: .milliseconds(10))
                    throw Coded(code: attempt.number == 1 ? .dataLoss : .unavailable)
                }
            } throws: { ($0 as? Coded)?.code == .dataLoss }
        }
        #expect(Self.ms(world) == 40)
        #expect(hedge.counters.hedged == 3)
    }

    @Test("S65: a call that is not idempotent is made once; after its deadline no further attempt starts")
    func notHedged() throws {
        let world = VirtualTime()
        let hedge = try Self.hedge(world)
        try world.run {
            for (attributes, deadline) in [
                (CallAttributes(isIdempotent: false), nil), (CallAttributes(), world.now() + .milliseconds(100)),
            ] {
                let winner = try await hedge.run(deadline: deadline, attributes: attributes) { attempt in
                    try await world.timeSource.sleep(for: .seconds(1))
                    return attempt.number
                }
                #expect(winner == 1)
            }
        }
        #expect(hedge.counters.hedged == 0)
    }

    @Test("S65: the delay is a quantile of the measured latency, once there are enough samples")
    func quantile() throws {
        let world = VirtualTime()
        let hedge = try Self.hedge(world, .quantile(0.9, minimumSamples: 20))
        try world.run {
            for number in 1...20 {
                #expect(hedge.delay == nil)
                _ = try await hedge.run { _ in try await world.timeSource.sleep(for: .milliseconds(Int64(number))) }
            }
            try await world.timeSource.sleep(for: .milliseconds(200))
            let delay = try #require(hedge.delay)
            #expect(abs(delay.nanoseconds - 18_000_000) < 300_000)
            let winner = try await hedge.run { attempt in
                try await world.timeSource.sleep(for: attempt.number == 1 ? .seconds(5) : .milliseconds(1))
                return attempt.number
            }
            #expect(winner == 2)
        }
    }

    @Test("S65: losers are measured too, so that hedging does not make the service look faster than it is")
    func censoredSamples() throws {
        let world = VirtualTime()
        let latency = try LatencyTracker(timeSource: world.timeSource)
        let hedge = Hedge("hedge", try .init(after: .quantile(0.5, minimumSamples: 2)), latency: latency, timeSource: world.timeSource)
        try world.run {
            for _ in 0..<200 {
                _ = try await hedge.run { attempt in
                    try await world.timeSource.sleep(for: attempt.number == 1 ? .milliseconds(100) : .milliseconds(1))
                }
            }
            #expect(latency.samples == 200)
            #expect(try #require(latency.quantile(0.5)) > .milliseconds(95))
        }
    }

    @Test("S1, S65: failures are not measured")
    func failuresAreNotMeasured() throws {
        let world = VirtualTime()
        let latency = try LatencyTracker(timeSource: world.timeSource)
        let hedge = Hedge("hedge", try .init(after: .quantile(0.5, minimumSamples: 5)), latency: latency, timeSource: world.timeSource)
        try world.run {
            for _ in 0..<20 { _ = try? await hedge.run { _ in throw Self.down } }
            for _ in 0..<4 { _ = try? await hedge.run { _ in throw Coded(code: .notFound) } }
        }
        #expect(latency.samples == 4)
    }

    @Test("S54, S80: new settings are in force from the next call on")
    func reconfigure() async throws {
        let world = VirtualTime()
        let hedge = try Self.hedge(world)
        let events = hedge.events()
        #expect(hedge.delay == .milliseconds(100))
        hedge.reconfigure(try .init(after: .quantile(0.5, minimumSamples: 1)))
        #expect(hedge.delay == nil)
        hedge.reconfigure(try .init(after: .fixed(.milliseconds(7)), maxExtra: 2))
        #expect(hedge.delay == .milliseconds(7))
        #expect(hedge.configuration.maxExtra == 2)
        try world.run { _ = try await hedge.run { _ in try await world.timeSource.sleep(for: .milliseconds(20)) } }
        events.finish()
        let decisions = await events.reduce(into: [String]()) { $0.append("\($1.decision)") }
        #expect(decisions == ["reconfigured", "reconfigured", "hedged(attempt: 2)", "hedged(attempt: 3)"])
    }

    @Test("Attempts see the caller's task-local values")
    func taskLocals() throws {
        let world = VirtualTime()
        let hedge = try Self.hedge(world)
        let call = EnclosingCall(attempt: 7)
        try world.run {
            try await Call.$enclosing.withValue(call) {
                let number = try await hedge.run { attempt in
                    if attempt.number == 1 { try await world.timeSource.sleep(for: .seconds(1)) }
                    return Call.enclosing.attempt
                }
                #expect(number == 7)
            }
        }
    }

    @Test("S62, S65: hedges draw on the budget; without a token the call goes on without one")
    func budget() throws {
        let world = VirtualTime()
        let budget = RetryBudget(try .share(ratio: 0.25, minimumPerSecond: 0, window: .seconds(1000)), timeSource: world.timeSource)
        let hedge = Hedge("hedge", try .init(after: .fixed(.milliseconds(10))), budget: budget, timeSource: world.timeSource)
        try world.run {
            let winners = Locked<[Int]>([])
            for _ in 0..<40 {
                let winner = try await hedge.run { attempt in
                    if attempt.number == 1 { try await world.timeSource.sleep(for: .milliseconds(100)) }
                    return attempt.number
                }
                winners.withLock { $0.append(winner) }
            }
            #expect(winners.withLock { $0.count { $0 == 2 } } == 10)
        }
        #expect(hedge.counters.hedged == 10)
        hedge.reconfigure(try .init(after: .fixed(.milliseconds(10)), budget: nil))
        #expect(budget.configuration != nil, "a shared budget keeps its own settings")
    }

    @Test("S62: gRPC's throttle hears how attempts end, but not of losers, refusals and what a retry tells it already")
    func throttle() throws {
        let world = VirtualTime()
        let budget = RetryBudget(try .grpcThrottle(maxTokens: 10, tokenRatio: 0.5), timeSource: world.timeSource)
        let hedge = Hedge("hedge", try .init(after: .fixed(.milliseconds(10))), budget: budget, timeSource: world.timeSource)
        try world.run {
            _ = try? await hedge.run { _ in throw Self.down }
            #expect(budget.balance == 8)
            _ = try await hedge.run { attempt in
                if attempt.number == 1 { try await world.timeSource.sleep(for: .milliseconds(100)) }
            }
            #expect(budget.balance == 8.5)
            _ = try? await hedge.run { _ in throw Rejection(policy: "b", kind: .bulkhead, reason: .full) }
            _ = try? await hedge.run(Attempt(world.timeSource), isAccounted: true) { _ in throw Self.down }
            #expect(budget.balance == 8.5)
        }
    }
}
