import HoldfastVirtualTime
import Testing

@testable import Holdfast

@Suite("Rate limiter: the lock-free path")
struct QuotaCellTests {
    private static func limiter(_ algorithm: RateLimiter.Configuration.Algorithm, _ world: VirtualTime) throws -> RateLimiter {
        RateLimiter("quota", try .init(algorithm), timeSource: world.timeSource)
    }

    @Test("S52: a frame decides as the bucket it stands for, for random rates and times")
    func frameIsBucket() throws {
        for seed in 0..<2000 as Range<UInt64> {
            var random = RandomSource(seed: seed)
            let permits = Int.random(in: 1...1_000_000_000, using: &random)
            let nanoseconds = Int64.random(in: 1...1_000_000_000, using: &random)
            guard
                let terms = TokenBucket.Terms(
                    permits: permits, nanoseconds: nanoseconds, burst: Int.random(in: 1...1_000_000, using: &random),
                    isPaced: Bool.random(using: &random))
            else { continue }
            let start = Int64.random(in: -1_000_000...1_000_000, using: &random)
            let frame = QuotaCell.Frame(terms: terms, anchor: start, horizon: start + TokenBucket.Terms.limit / terms.inflow)
            var bucket = TokenBucket(updated: start)
            var offset: Int64 = 0
            var now = start
            for _ in 0..<20 {
                now = min(now + Int64.random(in: 0...(nanoseconds / 2 + 1), using: &random), frame.horizon - 1)
                let wanted = Int.random(in: 1...4, using: &random)
                bucket.flow(until: now, terms)
                let taking = frame.take(wanted, offset: offset, now: now)
                switch bucket.wait(for: wanted, terms) {
                case 0:
                    bucket.take(wanted, terms)
                    guard case .taken(let next) = taking else {
                        Issue.record("seed \(seed): \(taking) where the bucket has enough")
                        return
                    }
                    offset = next
                case let wait:
                    if taking != .short(wait) { #expect(taking == .short(wait), "seed \(seed)") }
                }
            }
        }
    }

    @Test("S52: a rate of many units a nanosecond stays exact over years, across many frames")
    func renormalised() throws {
        let world = VirtualTime(start: Instant(nanoseconds: 1 << 62))
        let limiter = try Self.limiter(.tokenBucket(permits: 999_999_937, per: .seconds(1), burst: 1000), world)
        func take() -> Int {
            var taken = 0
            var attempt = Attempt(world.timeSource)
            while case .admitted = limiter.admit(&attempt) { taken += 1 }
            return taken
        }
        #expect(take() == 1000)
        for pause in [1, 100, 999, 1000, 1_000_000_000, 1_152_921_508, 10_000_000_000, 18_446_744_074, 1 << 59] as [Int64] {
            world.advance(by: .nanoseconds(pause))
            let expected = min(1000, Int(Double(pause) * 0.999999937))
            #expect(take() == expected, "after \(pause) ns")
            // Whatever the pauses left over, so that the next one begins empty to the nanosecond.
            world.advance(by: .nanoseconds(2000))
            _ = take()
        }
    }

    @Test("S52: a reading of the clock from before the window, or long ago, decides nothing by itself")
    func staleReading() throws {
        let world = VirtualTime()
        let limiter = try Self.limiter(.fixedWindow(permits: 2, per: .seconds(1)), world)
        var early = Attempt(world.timeSource)
        _ = early.now()
        world.advance(by: .seconds(5))
        for _ in 0..<2 {
            var attempt = Attempt(world.timeSource)
            guard case .admitted = limiter.admit(&attempt) else {
                Issue.record("two permits are there")
                return
            }
        }
        guard case .rejected = limiter.admit(&early) else {
            Issue.record("an old reading found a permit")
            return
        }
    }

    @Test(
        "S52: tasks that take at once, while others read and reconfigure, never take more than there is",
        arguments: [
            RateLimiter.Configuration.Algorithm.tokenBucket(permits: 7, per: .seconds(1), burst: 20_000),
            .fixedWindow(permits: 20_000, per: .seconds(1)), .slidingWindow(permits: 20_000, per: .seconds(1)),
        ])
    func concurrent(algorithm: RateLimiter.Configuration.Algorithm) async throws {
        let world = VirtualTime()
        let limiter = try Self.limiter(algorithm, world)
        let configuration = try RateLimiter.Configuration(algorithm)
        let taken = await withTaskGroup(of: Int.self) { group in
            for number in 0..<6 {
                group.addTask {
                    var taken = 0
                    for turn in 0..<6000 {
                        var attempt = Attempt(limiter.timeSource)
                        if case .admitted = limiter.admit(&attempt) { taken += 1 }
                        if number == 0, turn % 97 == 0 { limiter.reconfigure(configuration) }
                        if number == 1, turn % 89 == 0 { _ = limiter.available }
                        if turn % 500 == 0 { await Task.yield() }
                    }
                    return taken
                }
            }
            return await group.reduce(0, +)
        }
        #expect(taken == 20_000)
        #expect(limiter.counters.admitted == 20_000)
        #expect(limiter.counters.rejected == 16_000)
        #expect(limiter.available == 0)
    }
}
