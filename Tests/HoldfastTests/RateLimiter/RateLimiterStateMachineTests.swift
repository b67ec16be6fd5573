import Testing

@testable import Holdfast

@Suite("Rate limiter: decisions")
struct RateLimiterStateMachineTests {
    private static func machine(
        _ permits: Int = 10, burst: Int = 5, maxWait: Duration = .zero, maxQueued: Int = 0
    ) throws -> Holder<RateLimiterStateMachine> {
        Holder(
            RateLimiterStateMachine(
                try .init(.tokenBucket(permits: permits, per: .seconds(1), burst: burst), maxWait: maxWait, maxQueued: maxQueued),
                now: Instant(nanoseconds: 0)))
    }

    private static func at(_ milliseconds: Int64) -> Instant { Instant(nanoseconds: milliseconds * 1_000_000) }

    @Test("S52: a bucket gives its burst at once, then permits as they flow in")
    func burstThenFlow() throws {
        let machine = try Self.machine()
        for _ in 0..<5 { #expect(machine.value.acquire(1, Self.at(0), deadline: nil) == .admitted) }
        #expect(machine.value.acquire(1, Self.at(0), deadline: nil) == .rejected(.quota, retryAfter: .milliseconds(100)))
        #expect(machine.value.acquire(1, Self.at(99), deadline: nil) == .rejected(.quota, retryAfter: .milliseconds(1)))
        #expect(machine.value.acquire(1, Self.at(100), deadline: nil) == .admitted)
        #expect(machine.value.available(Self.at(60_000)) == 5)
    }

    @Test("S50: what cannot be served in time is refused at once and uses nothing up")
    func refusedAtEntry() throws {
        let machine = try Self.machine(burst: 1, maxWait: .milliseconds(150), maxQueued: 10)
        #expect(machine.value.acquire(1, Self.at(0), deadline: nil) == .admitted)
        #expect(machine.value.acquire(1, Self.at(0), deadline: Self.at(99)) == .rejected(.quota, retryAfter: .milliseconds(100)))
        #expect(machine.value.acquire(1, Self.at(0), deadline: Self.at(100)) == .mayWait)
        _ = machine.value.enqueue(1, Self.at(0), deadline: nil)
        #expect(machine.value.acquire(1, Self.at(0), deadline: nil) == .rejected(.quota, retryAfter: .milliseconds(200)))
        #expect(machine.value.acquire(2, Self.at(0), deadline: nil) == .rejected(.quota, retryAfter: nil))
    }

    @Test("S51: first in, first out; a large request is not starved, a cancelled one costs nothing")
    func fifo() throws {
        let machine = try Self.machine(burst: 3, maxWait: .seconds(10), maxQueued: 10)
        #expect(machine.value.acquire(3, Self.at(0), deadline: nil) == .admitted)
        let large = machine.value.enqueue(3, Self.at(0), deadline: nil)
        let gone = machine.value.enqueue(1, Self.at(0), deadline: nil)
        let small = machine.value.enqueue(1, Self.at(0), deadline: nil)
        #expect(machine.value.serve(Self.at(299)).granted == [])
        #expect(machine.value.acquire(1, Self.at(299), deadline: nil) == .mayWait)
        #expect(machine.value.serve(Self.at(300)).granted == [large])
        #expect(machine.value.cancel(gone) == true)
        #expect(machine.value.cancel(gone) == false)
        #expect(machine.value.nextService() == Self.at(400))
        #expect(machine.value.serve(Self.at(400)).granted == [small])
        #expect(machine.value.queued == 0)
    }

    @Test("S51: who waited too long is dropped before it is served")
    func expired() throws {
        let machine = try Self.machine(burst: 1, maxWait: .milliseconds(100), maxQueued: 10)
        _ = machine.value.acquire(1, Self.at(0), deadline: nil)
        let id = machine.value.enqueue(1, Self.at(0), deadline: nil)
        machine.value.reconfigure(try .init(.tokenBucket(permits: 5, per: .seconds(1), burst: 1)), Self.at(50))
        #expect(machine.value.nextService() == Instant(nanoseconds: 100_000_001))
        #expect(machine.value.serve(Self.at(300)) == .init(granted: [], expired: [id]))
        #expect(machine.value.available(Self.at(300)) == 1)
    }

    @Test("S50: a permit that came in time is the waiter's, however late the timer")
    func lateTimer() throws {
        let machine = try Self.machine(burst: 1, maxWait: .milliseconds(100), maxQueued: 10)
        _ = machine.value.acquire(1, Self.at(0), deadline: nil)
        let id = machine.value.enqueue(1, Self.at(0), deadline: nil)
        #expect(machine.value.acquire(1, Self.at(103), deadline: nil) == .mayWait)
        #expect(machine.value.serve(Self.at(105)) == .init(granted: [id], expired: []))
    }

    @Test("S54: a new rate keeps what is saved up, as far as it fits")
    func reconfigure() throws {
        let machine = try Self.machine(burst: 5)
        _ = machine.value.acquire(1, Self.at(0), deadline: nil)
        machine.value.reconfigure(try .init(.tokenBucket(permits: 1, per: .seconds(10), burst: 3)), Self.at(0))
        #expect(machine.value.available(Self.at(0)) == 3)
    }

    @Test(
        "Permits are exact however odd the rate: each one is there at its nanosecond and not before",
        arguments: [(3, Duration.seconds(1)), (7, .milliseconds(1)), (999_999_937, .seconds(1)), (1, .seconds(86400)), (97, .seconds(13))])
    func exact(permits: Int, per: Duration) throws {
        let bucket = Holder(TokenBucket(permits: permits, per: per, burst: 2, now: Instant(nanoseconds: 0)))
        #expect(bucket.value.take(2) == true)
        for number in 1...1000 as ClosedRange<Int64> {
            // The permit's time, rounded up, computed in full width: number x per / permits.
            let product = number.multipliedFullWidth(by: per.nanoseconds)
            let (quotient, remainder) = Int64(permits).dividingFullWidth(product)
            let due = quotient + (remainder > 0 ? 1 : 0)
            bucket.value.refill(Instant(nanoseconds: due - 1))
            #expect(bucket.value.take(1) == false)
            #expect(bucket.value.wait(for: 1) == .nanoseconds(1))
            bucket.value.refill(Instant(nanoseconds: due))
            #expect(bucket.value.take(1) == true)
        }
    }

    @Test("Over any time no more permits are given than burst plus flow, for random requests")
    func neverMore() async throws {
        for seed in 0..<300 as Range<UInt64> {
            var random = RandomSource(seed: seed)
            let burst = Int.random(in: 1...20, using: &random)
            let machine = try Self.machine(100, burst: burst, maxWait: .milliseconds(200), maxQueued: 8)
            var now: Int64 = 0
            var given = 0
            var waiting: [Int: Int] = [:]
            for _ in 0..<300 {
                now += Int64.random(in: 0...20, using: &random)
                let served = machine.value.serve(Self.at(now))
                for id in served.granted { given += waiting.removeValue(forKey: id)! }
                for id in served.expired { waiting[id] = nil }
                let wanted = Int.random(in: 1...3, using: &random)
                switch machine.value.acquire(wanted, Self.at(now), deadline: nil) {
                case .admitted: given += wanted
                case .mayWait: waiting[machine.value.enqueue(wanted, Self.at(now), deadline: nil)] = wanted
                case .rejected: break
                }
                if Int.random(in: 0...9, using: &random) == 0, let id = waiting.keys.min() {
                    if !machine.value.cancel(id) { Issue.record("a waiter is lost, seed \(seed)") }
                    waiting[id] = nil
                }
                if given > burst + Int(now / 10) { #expect(given <= burst + Int(now / 10), "seed \(seed)") }
                if machine.value.queued != waiting.count { #expect(machine.value.queued == waiting.count, "seed \(seed)") }
            }
            // Other tests share the few threads of the pool, and some of theirs have deadlines to keep.
            await Task.yield()
        }
    }

    @Test("S82: a rate outside its range is refused with the field, the value and the range")
    func ranges() {
        #expect { try RateLimiter.Configuration(.tokenBucket(permits: 0, per: .seconds(1), burst: 1)) } throws: {
            "\($0)" == "tokenBucket.permits: 0 is outside 1...1000000000"
        }
        #expect { try RateLimiter.Configuration(.tokenBucket(permits: 1, per: .seconds(-1), burst: 1)) } throws: {
            "\($0)" == "tokenBucket.per: -1.0 seconds is not above zero"
        }
        let underANanosecond = Duration(secondsComponent: 0, attosecondsComponent: 5)
        #expect { try RateLimiter.Configuration(.tokenBucket(permits: 1, per: underANanosecond, burst: 1)) } throws: {
            "\($0)" == "tokenBucket.per: 5e-18 seconds is not above zero"
        }
        #expect { try RateLimiter.Configuration(.tokenBucket(permits: 1, per: .seconds(1_000_000), burst: 1_000_000)) } throws: {
            "\($0)".hasPrefix("tokenBucket.burst: 1000000 saved up over periods")
        }
    }
}
