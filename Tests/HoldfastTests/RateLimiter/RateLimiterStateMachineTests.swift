import Testing

@testable import Holdfast

@Suite("Rate limiter: decisions")
struct RateLimiterStateMachineTests {
    private static func bucket(
        _ permits: Int = 10, burst: Int = 5, maxWait: Duration = .zero, maxQueued: Int = 0
    ) throws -> LimiterScript {
        try LimiterScript(.tokenBucket(permits: permits, per: .seconds(1), burst: burst), maxWait: maxWait, maxQueued: maxQueued)
    }

    // MARK: Algorithms

    @Test("S52: a bucket gives its burst at once, then permits as they flow in")
    func burstThenFlow() throws {
        let script = try Self.bucket()
        #expect(script.admitted(of: 5, at: 0) == 5)
        #expect(script.acquire(at: 0) == .rejected(.quota, retryAfter: .milliseconds(100)))
        #expect(script.acquire(at: 99) == .rejected(.quota, retryAfter: .milliseconds(1)))
        #expect(script.acquire(at: 100) == .admitted)
        #expect(script.available(at: 60_000) == 5)
    }

    @Test("S52: a sliding window never gives more than its permits in any period, and each comes back a period after it was given")
    func slidingWindow() throws {
        let script = try LimiterScript(.slidingWindow(permits: 3, per: .seconds(1)))
        #expect(script.admitted(of: 1, at: 0) == 1)
        #expect(script.admitted(of: 5, at: 900) == 2)
        #expect(script.acquire(at: 900) == .rejected(.quota, retryAfter: .milliseconds(100)))
        #expect(script.acquire(2, at: 900) == .rejected(.quota, retryAfter: .seconds(1)))
        #expect(script.available(at: 999) == 0)
        #expect(script.admitted(of: 5, at: 1000) == 1)
        #expect(script.admitted(of: 5, at: 1899) == 0)
        #expect(script.admitted(of: 5, at: 1900) == 2)
    }

    @Test("S52: a fixed window gives its permits in each period that follows the limiter's first moment")
    func fixedWindow() throws {
        let script = LimiterScript(try .init(.fixedWindow(permits: 3, per: .seconds(1))), at: LimiterScript.at(500))
        #expect(script.admitted(of: 5, at: 1400) == 3)
        #expect(script.acquire(at: 1400) == .rejected(.quota, retryAfter: .milliseconds(100)))
        #expect(script.admitted(of: 5, at: 1500) == 3)
        #expect(script.available(at: 2499) == 0)
        #expect(script.available(at: 2500) == 3)
        #expect(script.acquire(4, at: 2500) == .rejected(.quota, retryAfter: nil))
        #expect(script.admitted(of: 5, at: 100_000) == 3)
    }

    @Test("S52: pacing spaces permits evenly and saves nothing up")
    func pacing() throws {
        let script = try LimiterScript(.pacing(permits: 10, per: .seconds(1)))
        #expect(script.admitted(of: 2, at: 5000) == 1)
        #expect(script.acquire(at: 5099) == .rejected(.quota, retryAfter: .milliseconds(1)))
        #expect(script.admitted(of: 2, at: 5100) == 1)
        #expect(script.admitted(of: 2, at: 9000) == 1)
    }

    @Test("S52: a paced call that weighs more starts in its turn, and the next one waits for all it cost")
    func pacedWeight() throws {
        let script = try LimiterScript(.pacing(permits: 10, per: .seconds(1)))
        #expect(script.acquire(4, at: 0) == .admitted)
        #expect(script.acquire(at: 0) == .rejected(.quota, retryAfter: .milliseconds(400)))
        #expect(script.available(at: 399) == 0)
        #expect(script.acquire(at: 400) == .admitted)
    }

    @Test(
        "S52: a weight that can never be served is refused at once, without a time to try again",
        arguments: [
            RateLimiter.Configuration.Algorithm.tokenBucket(permits: 10, per: .seconds(1), burst: 3),
            .slidingWindow(permits: 3, per: .seconds(1)), .fixedWindow(permits: 3, per: .seconds(1)),
        ])
    func tooHeavy(algorithm: RateLimiter.Configuration.Algorithm) throws {
        let script = try LimiterScript(algorithm, maxWait: .seconds(100), maxQueued: 10)
        #expect(script.acquire(4, at: 0) == .rejected(.quota, retryAfter: nil))
        #expect(script.acquire(.max, at: 0) == .rejected(.quota, retryAfter: nil))
        #expect(script.acquire(3, at: 0) == .admitted)
    }

    @Test(
        "S52: permits are exact however odd the rate: each one is there at its nanosecond and not before",
        arguments: [(3, Duration.seconds(1)), (7, .milliseconds(1)), (999_999_937, .seconds(1)), (1, .seconds(86400)), (97, .seconds(13))])
    func exact(permits: Int, per: Duration) throws {
        let terms = try #require(TokenBucket.Terms(permits: permits, nanoseconds: per.nanoseconds, burst: 2))
        var bucket = TokenBucket(updated: 0)
        bucket.take(2, terms)
        for number in 1...1000 as ClosedRange<Int64> {
            // The permit's time, rounded up, computed in full width: number x per / permits.
            let product = number.multipliedFullWidth(by: per.nanoseconds)
            let (quotient, remainder) = Int64(permits).dividingFullWidth(product)
            let due = quotient + (remainder > 0 ? 1 : 0)
            bucket.flow(until: due - 1, terms)
            #expect(bucket.wait(for: 1, terms) == 1)
            bucket.flow(until: due, terms)
            #expect(bucket.wait(for: 1, terms) == 0)
            bucket.take(1, terms)
        }
    }

    @Test(
        "S21: a clock that runs backwards gives no permit twice",
        arguments: [
            RateLimiter.Configuration.Algorithm.tokenBucket(permits: 2, per: .seconds(1), burst: 2),
            .slidingWindow(permits: 2, per: .seconds(1)), .fixedWindow(permits: 2, per: .seconds(1)),
        ])
    func backwards(algorithm: RateLimiter.Configuration.Algorithm) throws {
        let script = try LimiterScript(algorithm)
        #expect(script.admitted(of: 5, at: 10_000) == 2)
        #expect(script.admitted(of: 5, at: 8_000) == 0)
        #expect(script.admitted(of: 5, at: 10_001) == 0)
        #expect(script.admitted(of: 5, at: 12_000) == 2)
    }

    // MARK: The queue

    @Test("S50: what cannot be served in time is refused at once and uses nothing up")
    func refusedAtEntry() throws {
        let script = try Self.bucket(burst: 1, maxWait: .milliseconds(150), maxQueued: 10)
        #expect(script.acquire(at: 0) == .admitted)
        #expect(script.acquire(at: 0, deadline: 99) == .rejected(.quota, retryAfter: .milliseconds(100)))
        #expect(script.acquire(at: 0, deadline: 100) == .mayWait)
        _ = script.join(at: 0)
        #expect(script.acquire(at: 0) == .rejected(.quota, retryAfter: .milliseconds(200)))
        #expect(script.acquire(2, at: 0) == .rejected(.quota, retryAfter: nil))
        #expect(script.serve(at: 100).granted == [1])
        #expect(script.acquire(at: 200) == .admitted)
    }

    @Test("S51: first in, first out; a large request is not starved, a cancelled one costs nothing")
    func fifo() throws {
        let script = try Self.bucket(burst: 3, maxWait: .seconds(10), maxQueued: 10)
        #expect(script.acquire(3, at: 0) == .admitted)
        let large = script.join(3, at: 0)
        let gone = script.join(1, at: 0)
        let small = script.join(1, at: 0)
        #expect(script.serve(at: 299).granted == [])
        #expect(script.acquire(at: 299) == .mayWait)
        #expect(script.serve(at: 300).granted == [large])
        #expect(script.cancel(gone, at: 300) == true)
        #expect(script.cancel(gone, at: 300) == false)
        #expect(script.machine.nextService() == LimiterScript.at(400))
        #expect(script.serve(at: 400).granted == [small])
        #expect(script.machine.queued == 0)
    }

    @Test("S51: when the first waiter goes, the one behind it takes its place at once")
    func headLeaves() throws {
        let script = try Self.bucket(burst: 3, maxWait: .seconds(10), maxQueued: 10)
        #expect(script.acquire(3, at: 0) == .admitted)
        let large = script.join(3, at: 0)
        let small = script.join(1, at: 0)
        #expect(script.cancel(large, at: 150) == true)
        #expect(script.serve(at: 150).granted == [small])
        #expect(script.acquire(at: 199) == .mayWait)
        #expect(script.acquire(at: 200) == .admitted)
    }

    @Test("S51: who waited too long is dropped before it is served")
    func expired() throws {
        let script = try Self.bucket(burst: 1, maxWait: .milliseconds(100), maxQueued: 10)
        _ = script.acquire(at: 0)
        let id = script.join(at: 0)
        script.reconfigure(try .init(.tokenBucket(permits: 5, per: .seconds(1), burst: 1)), at: 50)
        #expect(script.machine.nextService() == Instant(nanoseconds: 100_000_001))
        #expect(script.serve(at: 300) == .init(granted: [], expired: [id]))
        #expect(script.available(at: 300) == 1)
    }

    @Test("S50: a permit that came in time is the waiter's, however late the timer")
    func lateTimer() throws {
        let script = try Self.bucket(burst: 1, maxWait: .milliseconds(100), maxQueued: 10)
        _ = script.acquire(at: 0)
        let id = script.join(at: 0)
        #expect(script.acquire(at: 103) == .mayWait)
        #expect(script.serve(at: 105) == .init(granted: [id], expired: []))
        #expect(script.acquire(at: 200) == .admitted)
    }

    @Test(
        "S51: waiters of a sliding window and of a fixed one have their turns when the window says so",
        arguments: [
            (RateLimiter.Configuration.Algorithm.slidingWindow(permits: 1, per: .seconds(1)), [1300, 2300, 3300] as [Int64]),
            (.fixedWindow(permits: 1, per: .seconds(1)), [1000, 2000, 3000]),
            (.pacing(permits: 1, per: .seconds(1)), [1300, 2300, 3300]),
        ])
    func turns(algorithm: RateLimiter.Configuration.Algorithm, dues: [Int64]) throws {
        let script = try LimiterScript(algorithm, maxWait: .seconds(10), maxQueued: 10)
        #expect(script.admitted(of: 2, at: 300) == 1)
        for _ in dues { _ = script.join(at: 400) }
        var turns: [Int64] = []
        while let next = script.machine.nextService() {
            for _ in script.serve(next).granted { turns.append(next.nanoseconds / 1_000_000) }
        }
        #expect(turns == dues)
    }

    // MARK: Live change

    @Test("S54: a new rate keeps what is saved up, as far as it fits")
    func reconfigure() throws {
        let script = try Self.bucket(burst: 5)
        _ = script.acquire(at: 0)
        script.reconfigure(try .init(.tokenBucket(permits: 1, per: .seconds(10), burst: 3)), at: 0)
        #expect(script.available(at: 0) == 3)
        script.reconfigure(try .init(.tokenBucket(permits: 1, per: .seconds(10), burst: 30)), at: 0)
        #expect(script.available(at: 0) == 3)
    }

    @Test(
        "S54: what a window has given stays given under a new limit and under another algorithm",
        arguments: [
            (
                RateLimiter.Configuration.Algorithm.slidingWindow(permits: 4, per: .seconds(1)),
                RateLimiter.Configuration.Algorithm.slidingWindow(permits: 6, per: .seconds(1)), 3
            ),
            (.slidingWindow(permits: 4, per: .seconds(1)), .slidingWindow(permits: 2, per: .seconds(1)), 0),
            (.fixedWindow(permits: 4, per: .seconds(1)), .fixedWindow(permits: 6, per: .seconds(1)), 3),
            (.fixedWindow(permits: 4, per: .seconds(1)), .fixedWindow(permits: 6, per: .seconds(2)), 3),
            (.fixedWindow(permits: 4, per: .seconds(1)), .slidingWindow(permits: 4, per: .seconds(2)), 1),
            (.slidingWindow(permits: 4, per: .seconds(1)), .tokenBucket(permits: 4, per: .seconds(2), burst: 4), 1),
            (.tokenBucket(permits: 4, per: .seconds(1), burst: 4), .fixedWindow(permits: 4, per: .seconds(1)), 1),
            (.tokenBucket(permits: 4, per: .seconds(1), burst: 4), .pacing(permits: 4, per: .seconds(1)), 1),
            (.pacing(permits: 1, per: .seconds(1)), .slidingWindow(permits: 1, per: .seconds(1)), 0),
        ])
    func reconfigureWindows(old: RateLimiter.Configuration.Algorithm, new: RateLimiter.Configuration.Algorithm, left: Int) throws {
        let script = try LimiterScript(old)
        _ = script.admitted(of: 3, at: 100)
        script.reconfigure(try .init(new), at: 100)
        #expect(script.available(at: 100) == left)
    }

    @Test("S54: waiters go on waiting under a faster rate, and leave sooner")
    func fasterForWaiters() throws {
        let script = try Self.bucket(burst: 1, maxWait: .seconds(10), maxQueued: 10)
        _ = script.acquire(at: 0)
        let ids = [script.join(at: 0), script.join(at: 0)]
        script.reconfigure(try .init(.tokenBucket(permits: 100, per: .seconds(1), burst: 1), maxWait: .seconds(10), maxQueued: 10), at: 0)
        #expect(script.serve(at: 20).granted == ids)
    }

    @Test(
        "S21, S54: new rules given while the clock is behind bring no permits",
        arguments: [
            RateLimiter.Configuration.Algorithm.tokenBucket(permits: 1, per: .seconds(1), burst: 10),
            .pacing(permits: 1, per: .seconds(100)),
            .slidingWindow(permits: 10, per: .seconds(100)), .fixedWindow(permits: 10, per: .seconds(100)),
        ])
    func reconfigureWhileBehind(algorithm: RateLimiter.Configuration.Algorithm) throws {
        let script = try LimiterScript(algorithm)
        #expect(script.admitted(of: 10, at: 250_000) > 0)
        script.reconfigure(try .init(algorithm), at: 150_000)
        #expect(script.available(at: 250_000) == 0)
        script.reconfigure(try .init(.tokenBucket(permits: 1, per: .seconds(1), burst: 10)), at: 150_000)
        #expect(script.available(at: 250_000) == 0)
    }

    @Test("S50, S54: nobody joins behind one whose turn can no longer come and who leaves too late")
    func behindNever() throws {
        let script = try Self.bucket(maxWait: .seconds(10), maxQueued: 10)
        #expect(script.admitted(of: 5, at: 0) == 5)
        let heavy = script.join(5, at: 0)
        let light = script.join(at: 0)
        script.reconfigure(try .init(.tokenBucket(permits: 10, per: .seconds(1), burst: 2), maxWait: .seconds(10), maxQueued: 10), at: 0)
        #expect(script.acquire(at: 0, deadline: 9_999) == .rejected(.quota, retryAfter: .nanoseconds(10_000_000_001)))
        #expect(script.serve(at: 9_999) == .init())
        #expect(script.serve(at: 10_001) == .init(granted: [], expired: [heavy, light]))
    }
}
