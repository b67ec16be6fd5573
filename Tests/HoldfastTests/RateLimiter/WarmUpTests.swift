import Testing

@testable import Holdfast

@Suite("Rate limiter: warm-up")
struct WarmUpTests {
    private static let tenSeconds = RateLimiter.Configuration.WarmUp(over: .seconds(10), from: 0.2)

    @Test("S52: the slowed time is the area under a share that grows evenly")
    func area() {
        let warmUp = WarmUp(over: 10_000, from: 0.5)
        #expect(warmUp.share(0) == 0.5)
        #expect(warmUp.share(5_000) == 0.75)
        #expect(warmUp.share(10_000) == 1)
        #expect(warmUp.flow(-5) == 0)
        #expect(warmUp.flow(5_000) == 3_125)
        #expect(warmUp.flow(10_000) == 7_500)
        #expect(warmUp.flow(11_000) == 8_500)
        for flow in stride(from: 0 as Int64, through: 8_000, by: 37) {
            let elapsed = warmUp.elapsed(flow)
            if warmUp.flow(elapsed) < flow || elapsed > 0 && warmUp.flow(elapsed - 1) >= flow {
                Issue.record("\(flow) is not reached first at \(elapsed)")
            }
        }
    }

    @Test("S52: a cold bucket begins with a share of its burst and fills at a share of its rate")
    func bucket() throws {
        let script = try LimiterScript(.tokenBucket(permits: 100, per: .seconds(1), burst: 100), warmUp: Self.tenSeconds)
        #expect(script.admitted(of: 100, at: 0) == 20)
        // 0.2 x 1 s and the area of the growth, 0.04 s: 24 permits.
        #expect(script.admitted(of: 100, at: 1000) == 24)
        #expect(script.acquire(at: 1000) == .rejected(.quota, retryAfter: .nanoseconds(35_533_906)))
        var given = 44
        for second in 2...10 as ClosedRange<Int64> { given += script.admitted(of: 200, at: second * 1000) }
        #expect(given == 20 + 600)
        #expect(script.admitted(of: 200, at: 11_000) == 100)
    }

    @Test(
        "S52: the limit of a window grows with the share",
        arguments: [
            RateLimiter.Configuration.Algorithm.slidingWindow(permits: 64, per: .seconds(1)), .fixedWindow(permits: 64, per: .seconds(1)),
        ])
    func windows(algorithm: RateLimiter.Configuration.Algorithm) throws {
        let script = try LimiterScript(algorithm, warmUp: .init(over: .seconds(10), from: 0.5))
        #expect(script.admitted(of: 100, at: 0) == 32)
        #expect(script.admitted(of: 100, at: 5000) == 48)
        // The next permit comes with the growth of the limit, not with the next window.
        #expect(script.acquire(at: 5000) == .rejected(.quota, retryAfter: .microseconds(312_500)))
        #expect(script.acquire(60, at: 5000) == .rejected(.quota, retryAfter: .milliseconds(3750)))
        #expect(script.admitted(of: 100, at: 10_000) == 64)
    }

    @Test("S52: after a pause as long as the warm-up it is cold again; refused and waiting calls are no pause")
    func coldAgain() throws {
        let script = try LimiterScript(.pacing(permits: 10, per: .seconds(1)), warmUp: Self.tenSeconds)
        #expect(script.acquire(at: 0) == .admitted)
        #expect(script.acquire(at: 9_999) == .admitted)
        #expect(script.acquire(at: 19_998) == .admitted)
        #expect(script.acquire(at: 20_098) == .admitted)
        #expect(script.acquire(at: 30_098) == .admitted)
        #expect(script.acquire(at: 30_198) != .admitted)
    }

    @Test("S52: over any time a cold limiter gives no more than its share of the burst and the area under its rate, for random requests")
    func neverMore() {
        for seed in 0..<500 as Range<UInt64> {
            var random = RandomSource(seed: seed)
            let (permits, burst) = (Int.random(in: 1...50, using: &random), Int.random(in: 1...50, using: &random))
            let warmUp = RateLimiter.Configuration.WarmUp(
                over: .milliseconds(Int.random(in: 1...2000, using: &random)), from: Double.random(in: 0.01...1, using: &random))
            guard let script = try? LimiterScript(.tokenBucket(permits: permits, per: .milliseconds(100), burst: burst), warmUp: warmUp)
            else {
                Issue.record("seed \(seed)")
                return
            }
            var (now, given) = (0 as Int64, 0)
            for _ in 0..<100 {
                now += Int64.random(in: 0...20, using: &random)
                let wanted = Int.random(in: 1...3, using: &random)
                if script.acquire(wanted, at: now) == .admitted { given += wanted }
                let (x, over) = (Double(now), warmUp.over.seconds * 1000)
                let warm = min(x, over)
                let area = warmUp.from * warm + (1 - warmUp.from) * warm * warm / (2 * over) + max(x - over, 0)
                let most = max(Double(burst) * warmUp.from, 1) + area * Double(permits) / 100
                if Double(given) > most + 1e-6 { #expect(Double(given) <= most, "seed \(seed), at \(now)") }
            }
        }
    }

    @Test("S50, S52: who waits longer than the warm-up takes is no pause: turns come when they were reckoned to come")
    func waitingIsNoPause() throws {
        let script = try LimiterScript(
            .tokenBucket(permits: 1, per: .seconds(1), burst: 1), warmUp: .init(over: .milliseconds(500), from: 0.5),
            maxWait: .seconds(10), maxQueued: 10)
        #expect(script.acquire(at: 0) == .admitted)
        // Half the rate growing to all of it takes an eighth of a second longer.
        var ids: [Int] = []
        for _ in 0..<4 {
            #expect(script.acquire(at: 0, deadline: 4125) == .mayWait)
            ids.append(script.join(at: 0, deadline: 4125))
        }
        #expect(script.acquire(at: 3000, deadline: 5124) == .rejected(.quota, retryAfter: .milliseconds(2125)))
        for (index, id) in ids.enumerated() {
            #expect(script.machine.nextService() == LimiterScript.at(1125 + 1000 * Int64(index)))
            #expect(script.serve(at: 1125 + 1000 * Int64(index)).granted == [id])
        }
    }

    @Test("S54: a service that is warm stays so under a warm-up, or a longer one")
    func staysWarm() throws {
        let script = try LimiterScript(.tokenBucket(permits: 10, per: .seconds(1), burst: 10))
        let bucket = RateLimiter.Configuration.Algorithm.tokenBucket(permits: 10, per: .seconds(1), burst: 10)
        // The lock-free path takes permits without telling the quota that somebody asked.
        script.reconfigure(try .init(bucket, warmUp: Self.tenSeconds), at: 60_000)
        #expect(script.admitted(of: 20, at: 60_001) == 10)
        #expect(script.admitted(of: 20, at: 61_001) == 10)
        script.reconfigure(try .init(bucket, warmUp: .init(over: .seconds(1000), from: 0.2)), at: 62_000)
        #expect(script.admitted(of: 20, at: 62_001) == 10)
        #expect(script.admitted(of: 20, at: 63_001) == 10)
    }
}
