import HoldfastVirtualTime
import Testing

@testable import Holdfast

@Suite("Rate limiter: many tasks")
struct RateLimiterConcurrencyTests {
    @Test(
        "S51: sixty-four tasks with random cancellation leave nobody waiting, and a grant for each who was not refused",
        arguments: [
            RateLimiter.Configuration.Algorithm.tokenBucket(permits: 50, per: .milliseconds(1), burst: 20),
            .slidingWindow(permits: 50, per: .milliseconds(1)), .fixedWindow(permits: 50, per: .milliseconds(1)),
            .pacing(permits: 50, per: .milliseconds(1)),
        ], [RateLimiter.Configuration.Key.none, .peer])
    func cancellation(algorithm: RateLimiter.Configuration.Algorithm, key: RateLimiter.Configuration.Key) async throws {
        let limiter = RateLimiter("quota", try .init(algorithm, maxWait: .milliseconds(20), maxQueued: 40, key: key))
        let ran = await withTaskGroup(of: Int.self) { group in
            for number in 0..<64 as Range<UInt64> {
                group.addTask {
                    var random = RandomSource(seed: number)
                    let attributes = CallAttributes(weight: Int(number % 3) + 1, peer: "\(number % 5)")
                    var ran = 0
                    for _ in 0..<40 {
                        let call = Task {
                            do {
                                return try await limiter.run(attributes: attributes) { 1 }
                            } catch {
                                return 0
                            }
                        }
                        if Int.random(in: 0..<3, using: &random) == 0 { call.cancel() }
                        await Task.yield()
                        if Int.random(in: 0..<4, using: &random) == 0 { call.cancel() }
                        ran += await call.value
                    }
                    return ran
                }
            }
            return await group.reduce(0, +)
        }
        #expect(limiter.queued == 0)
        #expect(limiter.counters.admitted == ran)
    }

    @Test("S51: a caller that goes away before, while it waits, at its grant and after it costs nothing but its own permit")
    func moments() throws {
        let world = VirtualTime()
        let limiter = RateLimiter("quota", try .perSecond(10, burst: 1, maxWait: .seconds(10), maxQueued: 9), timeSource: world.timeSource)
        try world.run {
            // Before: a cancelled task that need not wait has its permit, one that must does not.
            let before = Task(executorPreference: world) {
                withUnsafeCurrentTask { $0?.cancel() }
                try await limiter.run {}
                do {
                    try await limiter.run {}
                    return false
                } catch is CancellationError {
                    return limiter.queued == 0
                }
            }
            let leftNothing = try await before.value
            #expect(leftNothing)
            // At the grant: the timer has served it, and the cancellation comes before it has gone on.
            let atGrant = Task(executorPreference: world) { try await limiter.run { world.now().nanoseconds } }
            await Task.yield()
            let canceller = world.schedule(at: Instant(nanoseconds: 100_000_000)) { atGrant.cancel() }
            let start = try await atGrant.value
            #expect(start == 100_000_000)
            canceller.cancel()
            let next = Task(executorPreference: world) { try await limiter.run { world.now().nanoseconds } }
            let nextStart = try await next.value
            #expect(nextStart == 200_000_000)
            #expect(limiter.queued == 0)
        }
    }
}
