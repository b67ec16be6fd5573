import HoldfastVirtualTime
import Testing

@testable import Holdfast

@Suite("Rate limiter: waiting calls")
struct RateLimiterTests {
    private static func limiter(_ world: VirtualTime, maxQueued: Int = 100) throws -> RateLimiter {
        RateLimiter("quota", try .perSecond(10, burst: 1, maxWait: .seconds(1), maxQueued: maxQueued), timeSource: world.timeSource)
    }

    @Test("S51: waiting calls start first in, first out, as permits come")
    func order() throws {
        let world = VirtualTime()
        let limiter = try Self.limiter(world)
        let starts = try world.run {
            try await withThrowingTaskGroup(of: (Int, Int64).self) { group in
                for number in 0..<5 {
                    group.addTask { try await limiter.run { (number, world.now().nanoseconds / 1_000_000) } }
                    await Task.yield()
                }
                return try await group.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }.map(\.1)
            }
        }
        #expect(starts == [0, 100, 200, 300, 400])
    }

    @Test(
        "S50: a call whose clock reading others have overtaken is judged by the time it is, not by that reading",
        arguments: [
            .tokenBucket(permits: 10, per: .seconds(1), burst: 2), .fixedWindow(permits: 2, per: .milliseconds(200)),
        ] as [RateLimiter.Configuration.Algorithm])
    func overtakenReading(_ algorithm: RateLimiter.Configuration.Algorithm) throws {
        let world = VirtualTime()
        let limiter = RateLimiter("quota", try .init(algorithm), timeSource: world.timeSource)
        try world.run {
            var attempt = Attempt(world.timeSource)
            _ = attempt.now()
            try await limiter.run {}
            try await world.timeSource.sleep(for: .milliseconds(200))
            try await limiter.run {}
            // One of two permits is left; by the old reading all would be in use, and none have flowed in.
            let admission = limiter.admit(&attempt)
            guard case .admitted = admission else {
                Issue.record("refused: \(admission)")
                return
            }
            #expect(limiter.available == 0)
        }
    }

    @Test("S51: a cancelled waiter leaves at once and the ones behind it move up")
    func cancelledWaiter() throws {
        let world = VirtualTime()
        let limiter = try Self.limiter(world)
        try world.run {
            try await limiter.run {}
            let first = Task(executorPreference: world) { try await limiter.run { world.now() } }
            await Task.yield()
            let second = Task(executorPreference: world) { try await limiter.run { world.now() } }
            await Task.yield()
            #expect(limiter.queued == 2)
            first.cancel()
            await #expect(throws: CancellationError.self) { try await first.value }
            #expect(try await second.value == Instant(nanoseconds: 100_000_000))
            #expect(limiter.queued == 0)
        }
    }

    @Test("S51, S54: a waiter behind another leaves by its own deadline when a new rate makes both wait longer")
    func deadlineBehindTheHead() throws {
        let world = VirtualTime()
        let limiter = RateLimiter("quota", try .perSecond(10, burst: 1, maxWait: .seconds(100), maxQueued: 5), timeSource: world.timeSource)
        try world.run {
            try await limiter.run {}
            let first = Task(executorPreference: world) { try await limiter.waitForPermit(Attempt(limiter.timeSource)) }
            await Task.yield()
            let second = Task(executorPreference: world) {
                try await limiter.waitForPermit(Attempt(limiter.timeSource, deadline: world.now() + .seconds(1)))
            }
            await Task.yield()
            #expect(limiter.queued == 2)
            limiter.reconfigure(try .init(.tokenBucket(permits: 1, per: .seconds(60), burst: 1), maxWait: .seconds(100), maxQueued: 5))
            await #expect { try await second.value } throws: { ($0 as? Rejection)?.reason == .waitedTooLong }
            #expect(world.now() <= Instant(nanoseconds: 1_100_000_000))
            _ = try await first.value
        }
    }

    @Test("S50: a full queue refuses, and says when to try again")
    func fullQueue() throws {
        let world = VirtualTime()
        let limiter = try Self.limiter(world, maxQueued: 1)
        try world.run {
            try await limiter.run {}
            let waiting = Task(executorPreference: world) { try await limiter.run {} }
            await Task.yield()
            await #expect { try await limiter.run {} } throws: {
                ($0 as? Rejection)?.reason == .queueFull && ($0 as? Rejection)?.retryAfter == .milliseconds(200)
            }
            try await waiting.value
        }
    }
}
