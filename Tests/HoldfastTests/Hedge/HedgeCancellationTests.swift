import HoldfastVirtualTime
import Testing

@testable import Holdfast

@Suite("Hedge: callers that go away")
struct HedgeCancellationTests {
    /// What attempts do: each takes a second, and notes how it ended.
    private final class Attempts: Sendable {
        private let ends = Locked<[String]>([])

        var all: [String] { ends.withLock { $0 } }

        func run(_ attempt: HedgeAttempt, _ world: VirtualTime, _ duration: Duration = .seconds(1)) async throws -> Int {
            do {
                try await world.timeSource.sleep(for: duration)
                ends.withLock { $0.append("\(attempt.number) answered") }
                return attempt.number
            } catch {
                // An operation that needs a moment to clean up: its end is awaited all the same.
                let moment = Task(executorPreference: world) { try? await world.timeSource.sleep(for: .milliseconds(5)) }
                await moment.value
                ends.withLock { $0.append("\(attempt.number) \(attempt.isSuperseded ? "superseded" : "cancelled")") }
                throw error
            }
        }
    }

    @Test(
        "S1, S65: whenever the caller goes away, every attempt is cancelled and awaited, and none has lost to another",
        arguments: [
            (50, ["1 cancelled"]), (100, ["1 cancelled"]), (101, ["1 cancelled", "2 cancelled"]), (150, ["1 cancelled", "2 cancelled"]),
        ] as [(Int64, [String])])
    func whileRunning(at: Int64, ends: [String]) throws {
        let world = VirtualTime()
        let hedge = Hedge("hedge", try .init(after: .fixed(.milliseconds(100))), timeSource: world.timeSource)
        let attempts = Attempts()
        try world.run {
            let call = Task(executorPreference: world) { try await hedge.run { try await attempts.run($0, world) } }
            try await world.timeSource.sleep(for: .milliseconds(at))
            call.cancel()
            await #expect(throws: CancellationError.self) { try await call.value }
            #expect(world.now() == Instant(nanoseconds: (at + 5) * 1_000_000))
        }
        #expect(attempts.all == ends)
    }

    @Test("S1, S65: a caller that is gone already is told so by its own operation, once")
    func before() throws {
        let world = VirtualTime()
        let hedge = Hedge("hedge", try .init(after: .fixed(.zero)), timeSource: world.timeSource)
        let attempts = Attempts()
        try world.run {
            let call = Task(executorPreference: world) {
                withUnsafeCurrentTask { $0?.cancel() }
                return try await hedge.run { try await attempts.run($0, world) }
            }
            await #expect(throws: CancellationError.self) { try await call.value }
        }
        #expect(attempts.all == ["1 cancelled"])
        #expect(hedge.counters.hedged == 0)
    }

    @Test("S65: the end of a loser is awaited; a caller that goes away meanwhile still gets the answer")
    func whileLosersEnd() throws {
        let world = VirtualTime()
        let hedge = Hedge("hedge", try .init(after: .fixed(.milliseconds(100))), timeSource: world.timeSource)
        let attempts = Attempts()
        try world.run {
            let call = Task(executorPreference: world) {
                try await hedge.run { attempt in
                    try await attempts.run(attempt, world, attempt.number == 1 ? .seconds(1) : .milliseconds(50))
                }
            }
            try await world.timeSource.sleep(for: .milliseconds(152))
            call.cancel()
            #expect(try await call.value == 2)
            #expect(world.now() == Instant(nanoseconds: 155_000_000))
        }
        #expect(attempts.all == ["2 answered", "1 superseded"])
    }

    @Test("S65: 64 tasks with random cancellation: no attempt outlives its call, the breaker inside gets every permit back, nothing hangs")
    func concurrency() async throws {
        let breaker = CircuitBreaker("b", try .init(window: .count(100), minimumCalls: 100, failureRate: 1))
        let hedge = Hedge("hedge", try .init(after: .fixed(.nanoseconds(1)), maxExtra: 3, budget: nil))
        await withTaskGroup { group in
            for seed in 0..<64 {
                group.addTask {
                    var random = SplitMix64State(seed: UInt64(seed))
                    for _ in 0..<20 {
                        let (steps, fate) = (random.next() % 20, random.next())
                        let underWay = Counted()
                        let call = Task {
                            try await hedge.run { attempt in
                                underWay.add(1)
                                defer { underWay.add(-1) }
                                return try await Self.work(attempt, breaker, steps, fate)
                            }
                        }
                        for _ in 0..<random.next() % 30 { await Task.yield() }
                        if random.next() % 3 == 0 { call.cancel() }
                        _ = await call.result
                        if underWay.value != 0 { Issue.record("seed \(seed): an attempt outlived its call") }
                    }
                }
            }
        }
        let counters = breaker.counters
        #expect(counters.admitted == counters.succeeded + counters.failed + counters.ignored + counters.cancelled)
    }

    /// An attempt that takes some turns and then answers, fails or waits to be cancelled.
    private static func work(_ attempt: HedgeAttempt, _ breaker: CircuitBreaker, _ steps: UInt64, _ fate: UInt64) async throws -> Int {
        try await breaker.run {
            for _ in 0..<steps * UInt64(attempt.number) { await Task.yield() }
            switch (fate >> UInt64(attempt.number * 2)) % 4 {
            case 0: throw Coded(code: .unavailable)
            case 1: throw Coded(code: .notFound)
            case 2 where attempt.number == 1 && fate % 8 == 0:
                // The hedges may fail too; then nothing but this would end the call.
                for _ in 0..<1000 where !Task.isCancelled { await Task.yield() }
                throw CancellationError()
            default: return attempt.number
            }
        }
    }
}
