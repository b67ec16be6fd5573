import HoldfastVirtualTime
import Testing

@testable import Holdfast

@Suite("Rate limiter: keys")
struct RateLimiterKeyTests {
    private static func limiter(
        _ world: VirtualTime, _ key: RateLimiter.Configuration.Key = .method, permits: Int = 2, maxKeys: Int = 10_000,
        maxQueued: Int = 0
    ) throws -> RateLimiter {
        RateLimiter(
            "quota",
            try .init(
                .tokenBucket(permits: permits, per: .seconds(1), burst: permits), maxWait: .seconds(5), maxQueued: maxQueued, key: key,
                maxKeys: maxKeys, idleAfter: .seconds(60)),
            timeSource: world.timeSource)
    }

    private static func isAdmitted(_ limiter: RateLimiter, _ attributes: CallAttributes) -> Bool {
        var attempt = Attempt(limiter.timeSource, attributes: attributes)
        if case .admitted = limiter.admit(&attempt) { return true }
        return false
    }

    @Test(
        "S52: each key has a quota of its own, and calls without the key share one",
        arguments: [
            (RateLimiter.Configuration.Key.method, CallAttributes(method: "a"), CallAttributes(method: "b")),
            (.peer, CallAttributes(peer: "a"), CallAttributes(peer: "b")),
            (.metadata("tenant"), CallAttributes(metadata: ["tenant": "a"]), CallAttributes(metadata: ["tenant": "b"])),
        ])
    func separate(key: RateLimiter.Configuration.Key, first: CallAttributes, second: CallAttributes) throws {
        let limiter = try Self.limiter(VirtualTime(), key)
        for attributes in [first, second, CallAttributes()] {
            #expect((0..<5).count { _ in Self.isAdmitted(limiter, attributes) } == 2)
        }
        #expect(limiter.keys == 3)
        #expect(limiter.available(for: "a") == 0)
        #expect(limiter.available(for: "never seen") == 2)
        #expect(limiter.counters.admitted == 6)
        #expect(limiter.counters.rejected == 9)
    }

    @Test("S52: at the cap the key unused the longest goes, if a new one would have no more permits")
    func cap() throws {
        let world = VirtualTime()
        let limiter = try Self.limiter(world, maxKeys: 2)
        #expect(Self.isAdmitted(limiter, CallAttributes(method: "a")))
        world.advance(by: .milliseconds(100))
        #expect(Self.isAdmitted(limiter, CallAttributes(method: "b")))
        var attempt = Attempt(world.timeSource, attributes: CallAttributes(method: "c"))
        guard case .rejected(let rejection) = limiter.admit(&attempt) else {
            Issue.record("neither key is full again")
            return
        }
        #expect(rejection == Rejection(policy: "quota", kind: .rateLimiter, reason: .tooManyKeys))
        #expect(rejection.code == .resourceExhausted)
        world.advance(by: .milliseconds(400))
        #expect(Self.isAdmitted(limiter, CallAttributes(method: "c")))
        #expect(limiter.keys == 2)
        #expect(limiter.available(for: "a") == 2)
        #expect(limiter.available(for: "b") == 1)
    }

    @Test("S52: a key idle for long is forgotten, but not before it is full again")
    func idle() throws {
        let world = VirtualTime()
        let limiter = RateLimiter(
            "quota", try .init(.tokenBucket(permits: 1, per: .seconds(100), burst: 2), key: .method, idleAfter: .seconds(60)),
            timeSource: world.timeSource)
        #expect(Self.isAdmitted(limiter, CallAttributes(method: "a")))
        #expect(limiter.available(for: "a") == 1)
        let others = (0..<200).map { CallAttributes(method: "\($0)") }
        world.advance(by: .seconds(61))
        for other in others { _ = Self.isAdmitted(limiter, other) }
        #expect(limiter.keys == 201)
        // By now everybody is full again. Those unused the longest go when their shard is used next.
        world.advance(by: .seconds(161))
        for number in 0..<200 { _ = Self.isAdmitted(limiter, CallAttributes(method: "new \(number)")) }
        // Keys are spread by their hashes, which differ from run to run: a shard that got more old keys than new ones keeps some.
        #expect(limiter.keys < 300)
        #expect(limiter.available(for: "a") == 2)
    }

    @Test("S52: keys that come and go never exceed the cap, and nobody gains by being forgotten, for random keys and times")
    func neverMore() async throws {
        for seed in 0..<40 as Range<UInt64> {
            var random = RandomSource(seed: seed)
            let world = VirtualTime()
            let limiter = try Self.limiter(world, permits: 3, maxKeys: 8)
            var grants: [String: [Int64]] = [:]
            for _ in 0..<200 {
                world.advance(by: .milliseconds(Int64.random(in: 0...60, using: &random)))
                let key = "\(Int.random(in: 0..<16, using: &random))"
                if Self.isAdmitted(limiter, CallAttributes(method: key)) { grants[key, default: []].append(world.now().nanoseconds) }
                if limiter.keys > 8 { #expect(limiter.keys <= 8, "seed \(seed)") }
            }
            for (key, times) in grants {
                for (index, start) in times.enumerated() {
                    for (later, end) in times.enumerated().dropFirst(index) {
                        let most = 3 + Int((end - start) * 3 / 1_000_000_000)
                        if later - index + 1 > most { #expect(later - index + 1 <= most, "seed \(seed), key \(key)") }
                    }
                }
            }
            await Task.yield()
        }
    }

    @Test("S51, S54: each key has its own queue, and a new rate reaches all of them")
    func queues() throws {
        let world = VirtualTime()
        let limiter = try Self.limiter(world, permits: 1, maxQueued: 1)
        try world.run {
            var calls: [Task<Int64, any Error>] = []
            for key in ["a", "b"] {
                for _ in 0..<2 {
                    calls.append(
                        Task(executorPreference: world) {
                            try await limiter.run(attributes: CallAttributes(method: key)) { world.now().nanoseconds / 1_000_000 }
                        })
                }
            }
            await Task.yield()
            #expect(limiter.queued == 2)
            let configuration = try RateLimiter.Configuration(
                .tokenBucket(permits: 10, per: .seconds(1), burst: 1), maxWait: .seconds(5), maxQueued: 1, key: .method)
            limiter.reconfigure(configuration)
            var times: [Int64] = []
            for call in calls { times.append(try await call.value) }
            #expect(times == [0, 100, 0, 100])
            #expect(limiter.queued == 0)
        }
    }
}
