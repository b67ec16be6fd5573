import Testing

@testable import Holdfast

@Suite("Adaptive limiter: many tasks")
struct AdaptiveLimiterConcurrencyTests {
    private struct Overloaded: StatusError {
        var code: StatusCode { .unavailable }
    }

    private final class Gauge: Sendable {
        let counter = Counter()
    }

    @Test("Sixty-four tasks with random cancellation: no more run than the limit ever was, permits return, no waiter is lost")
    func storm() async throws {
        let seed: UInt64 = 70
        let maximum = 8
        let limiter = try AdaptiveLimiter(
            "storm", .init(.aimd(), initial: 4, minimum: 1, maximum: maximum, maxQueued: 40), random: RandomSource(seed: seed))
        let running = Gauge()
        let chance = RandomSource(seed: seed)
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<64 {
                group.addTask {
                    for round in 0..<60 {
                        let (fails, cancels) = (chance.next() % 10 == 0, chance.next() % 5 == 0)
                        let call = Task {
                            try await limiter.run {
                                running.counter.add()
                                defer { running.counter.add(-1) }
                                if running.counter.value > maximum { Issue.record("\(running.counter.value) run at once, seed \(seed)") }
                                await Task.yield()
                                if fails { throw Overloaded() }
                            }
                        }
                        if cancels { call.cancel() }
                        _ = await call.result
                        if number == 0, round % 20 == 10 { limiter.reset() }
                    }
                }
            }
        }
        #expect(limiter.inFlight == 0 && limiter.queued == 0, "seed \(seed)")
        #expect((1...maximum).contains(limiter.limit), "seed \(seed)")
        let counters = limiter.counters
        #expect(counters.admitted == counters.succeeded + counters.failed + counters.ignored + counters.cancelled, "seed \(seed)")
        // The word is as at the beginning: as many permits as the limit, and no more.
        var attempt = Attempt(limiter.timeSource)
        var permits = 0
        while case .admitted = limiter.admit(&attempt) { permits += 1 }
        #expect(permits == limiter.limit, "seed \(seed)")
    }

    @Test("S70: no drop is lost when many come at once")
    func drops() async throws {
        let limiter = try AdaptiveLimiter("drops", .init(.vegas(.init(decrease: .fixed(1))), initial: 10_000, maximum: 10_000))
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<16 {
                group.addTask {
                    for _ in 0..<200 { try? await limiter.run { throw Overloaded() } }
                }
            }
        }
        #expect(limiter.limit == 10_000 - 16 * 200)
    }
}
