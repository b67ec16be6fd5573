import HoldfastVirtualTime
import Testing

@testable import Holdfast

@Suite("Retry budget")
struct RetryBudgetTests {
    private static func attempt(_ milliseconds: Int64) -> Attempt {
        var attempt = Attempt(.system)
        attempt.reading = Instant(nanoseconds: milliseconds * 1_000_000)
        return attempt
    }

    private static func share(_ ratio: Double, _ minimumPerSecond: Double, _ window: Duration = .seconds(1)) throws -> (
        VirtualTime, RetryBudget
    ) {
        let world = VirtualTime()
        return (
            world, RetryBudget(try .share(ratio: ratio, minimumPerSecond: minimumPerSecond, window: window), timeSource: world.timeSource)
        )
    }

    /// Moves the clock to `milliseconds` and does what the letters say: d deposit, w withdraw. Gives what the withdrawals came to.
    private static func script(_ world: VirtualTime, _ budget: RetryBudget, _ milliseconds: Int64, _ letters: String) -> [Bool] {
        world.advance(by: world.now().duration(to: Instant(nanoseconds: milliseconds * 1_000_000)))
        return letters.compactMap { letter in
            var attempt = Attempt(world.timeSource)
            guard letter == "d" else { return budget.take(&attempt) }
            budget.deposit(&attempt)
            return nil
        }
    }

    @Test("S62: without deposits and floor nothing may be tried again (tower: tps_empty)")
    func empty() throws {
        let (world, budget) = try Self.share(1, 0)
        #expect(Self.script(world, budget, 0, "w") == [false])
    }

    @Test("S62: a deposit is forgotten with its window (tower: tps_leaky)")
    func leaky() throws {
        let (world, budget) = try Self.share(1, 0)
        #expect(Self.script(world, budget, 0, "d") == [])
        #expect(Self.script(world, budget, 3000, "w") == [false])
    }

    @Test("S62: deposits of different buckets add up while they last (tower: tps_slots)")
    func slots() throws {
        let (world, budget) = try Self.share(0.5, 0)
        #expect(Self.script(world, budget, 0, "dd") == [])
        #expect(Self.script(world, budget, 901, "ww") == [true, false])
        #expect(Self.script(world, budget, 2902, "d") == [])
        #expect(Self.script(world, budget, 3203, "d") == [])
        #expect(Self.script(world, budget, 4004, "dww") == [true, false])
    }

    @Test("S62: the floor is there without any deposit (tower: tps_reserve)")
    func reserve() throws {
        let (world, budget) = try Self.share(1, 5)
        #expect(Self.script(world, budget, 0, "wwwwww") == [true, true, true, true, true, false])
        #expect(Self.script(world, budget, 999, "w") == [false])
        #expect(Self.script(world, budget, 1000, "w") == [true])
    }

    @Test("S62: first attempts deposit a share, further ones withdraw")
    func ratio() throws {
        let (world, budget) = try Self.share(0.2, 0, .seconds(10))
        #expect(Self.script(world, budget, 0, "ddddwdw") == [false, true])
        #expect(budget.balance == 0)
        #expect(Self.script(world, budget, 5, String(repeating: "d", count: 145) + String(repeating: "w", count: 30)).count { $0 } == 29)
    }

    @Test("S62: decimals are exact: 0.29 of 100 calls are 29 retries")
    func decimals() throws {
        let (world, budget) = try Self.share(0.29, 0)
        _ = Self.script(world, budget, 0, String(repeating: "d", count: 100))
        #expect(budget.balance == 29)
        #expect(Self.script(world, budget, 0, String(repeating: "w", count: 40)).count { $0 } == 29)
    }

    @Test("S62: gRPC's throttle is a switch: retries go on while the bucket is more than half full (gRFC A6)")
    func grpcThrottle() throws {
        let budget = RetryBudget(try .grpcThrottle(maxTokens: 10, tokenRatio: 0.1))
        var attempt = Self.attempt(0)
        for _ in 0..<4 { budget.record(failed: true) }
        #expect(budget.balance == 6)
        #expect(budget.take(&attempt) == true)
        #expect(budget.take(&attempt) == true)
        budget.record(failed: true)
        #expect(budget.take(&attempt) == false)
        budget.record(failed: false)
        #expect(budget.balance == 5.1)
        #expect(budget.take(&attempt) == true)
        for _ in 0..<100 { budget.record(failed: true) }
        #expect(budget.balance == 0)
        for _ in 0..<50 { budget.record(failed: false) }
        #expect(budget.balance == 5)
        #expect(budget.take(&attempt) == false)
        for _ in 0..<100 { budget.record(failed: false) }
        #expect(budget.balance == 10)
    }

    @Test("S62: an odd number of tokens has a half too")
    func oddThrottle() throws {
        let budget = RetryBudget(try .grpcThrottle(maxTokens: 3, tokenRatio: 1))
        var attempt = Self.attempt(0)
        budget.record(failed: true)
        #expect(budget.take(&attempt) == true)
        budget.record(failed: true)
        #expect(budget.take(&attempt) == false)
    }

    @Test("S62: a token bucket gives a retry for every so many calls, and at once what it holds; it needs more than one token")
    func tokenBucket() throws {
        let budget = RetryBudget(try .tokenBucket(maxTokens: 5, tokensPerCall: 0.1))
        var attempt = Self.attempt(0)
        #expect(budget.balance == 5)
        #expect((0..<10).count { _ in budget.take(&attempt) } == 4)
        #expect(budget.balance == 1)
        budget.deposit(&attempt)
        #expect(budget.take(&attempt) == true)
        #expect(budget.balance == 0.1)
        budget.record(failed: true)
        budget.record(failed: false)
        #expect(budget.countsFailures == false)
        #expect(budget.balance == 0.1)
        for _ in 0..<100 { budget.deposit(&attempt) }
        #expect(budget.balance == 5)
    }

    @Test("S80: a new share counts what is there; another window begins at zero; a bucket stays as full in proportion")
    func reconfigure() throws {
        let (world, budget) = try Self.share(0.1, 0)
        _ = Self.script(world, budget, 0, String(repeating: "d", count: 10))
        #expect(budget.balance == 1)
        budget.reconfigure(try .share(ratio: 0.5, minimumPerSecond: 2, window: .seconds(1)))
        #expect(budget.balance == 7)
        budget.reconfigure(try .share(ratio: 0.5, minimumPerSecond: 2, window: .seconds(2)))
        #expect(budget.balance == 4)
        budget.reconfigure(try .grpcThrottle(maxTokens: 10, tokenRatio: 0.1))
        budget.record(failed: true)
        budget.reconfigure(try .grpcThrottle(maxTokens: 100, tokenRatio: 0.1))
        #expect(budget.balance == 90)
        budget.reconfigure(try .tokenBucket(maxTokens: 10, tokensPerCall: 0.1))
        #expect(budget.balance == 10)
        #expect(Self.script(world, budget, 0, "ww") == [true, true])
        budget.reconfigure(try .tokenBucket(maxTokens: 100, tokensPerCall: 0.1))
        #expect(budget.balance == 80)
        budget.reconfigure(ifAny: nil)
        #expect(budget.balance == .infinity)
        #expect(budget.configuration == nil)
        #expect(Self.script(world, budget, 0, "www") == [true, true, true])
        budget.record(failed: true)
        #expect(budget.balance == .infinity)
    }

    @Test("S82: a budget outside its range is refused with the field, the value and the range")
    func ranges() {
        expect("budget.ratio: -0.1 is outside 0.0...100.0") { try .share(ratio: -0.1) }
        expect("budget.ratio: nan is outside 0.0...100.0") { try .share(ratio: .nan) }
        expect("budget.ratio: inf is outside 0.0...100.0") { try .share(ratio: .infinity) }
        expect("budget.minimumPerSecond: -1.0 is outside 0.0...1000000.0") { try .share(minimumPerSecond: -1) }
        expect("budget.minimumPerSecond: nan is outside 0.0...1000000.0") { try .share(minimumPerSecond: .nan) }
        expect("budget.window: 0.0 seconds is outside 0.1 seconds...86400.0 seconds") { try .share(window: .zero) }
        expect("budget.window: -1.0 seconds is outside 0.1 seconds...86400.0 seconds") { try .share(window: .seconds(-1)) }
        expect("budget.window: 90000.0 seconds is outside 0.1 seconds...86400.0 seconds") { try .share(window: .seconds(90_000)) }
        expect("budget.grpcThrottle.maxTokens: 0 is outside 1...1000") { try .grpcThrottle(maxTokens: 0, tokenRatio: 1) }
        expect("budget.grpcThrottle.maxTokens: 1001 is outside 1...1000") { try .grpcThrottle(maxTokens: 1001, tokenRatio: 1) }
        expect("budget.grpcThrottle.tokenRatio: 0.0 is outside 0.001...1000.0") { try .grpcThrottle(maxTokens: 1, tokenRatio: 0) }
        expect("budget.grpcThrottle.tokenRatio: nan is outside 0.001...1000.0") { try .grpcThrottle(maxTokens: 1, tokenRatio: .nan) }
    }

    @Test("S82: a token bucket outside its range is refused with the field, the value and the range")
    func tokenBucketRanges() {
        expect("budget.tokenBucket.maxTokens: 1 is outside 2...1000") { try .tokenBucket(maxTokens: 1, tokensPerCall: 1) }
        expect("budget.tokenBucket.maxTokens: 1001 is outside 2...1000") { try .tokenBucket(maxTokens: 1001, tokensPerCall: 1) }
        expect("budget.tokenBucket.tokensPerCall: 0.0 is outside 0.001...1000.0") { try .tokenBucket(maxTokens: 2, tokensPerCall: 0) }
        expect("budget.tokenBucket.tokensPerCall: nan is outside 0.001...1000.0") { try .tokenBucket(maxTokens: 2, tokensPerCall: .nan) }
    }

    private func expect(_ message: String, _ make: () throws -> RetryBudget.Configuration) {
        #expect { try make() } throws: { "\($0)" == message }
    }

    @Test("The largest settings and counts do not overflow")
    func largest() throws {
        let share = ShareBudgetStateMachine(ratio: 100, minimumPerSecond: 1_000_000, window: .seconds(86_400))
        #expect(share.allowsRetry(deposits: .max, withdrawals: 0))
        #expect(!share.allowsRetry(deposits: 0, withdrawals: .max))
        let throttle = ThrottleBudgetStateMachine(maxTokens: 1000, tokenRatio: 1000)
        #expect(throttle.recording(failed: false) == throttle)
        #expect(throttle.recording(failed: true).tokens == 999_000)
        #expect(ThrottleBudgetStateMachine(rawValue: throttle.rawValue) == throttle)
        #expect(ThrottleBudgetStateMachine(rawValue: .max) == nil)
        #expect(ThrottleBudgetStateMachine(rawValue: 0) == nil)
        let bucket = TokenBucketBudgetStateMachine(maxTokens: 1000, tokensPerCall: 1000)
        #expect(bucket.calling == bucket)
        #expect(bucket.retrying.flatMap { TokenBucketWord(rawValue: $0.rawValue) }?.tokens == 999_000)
        #expect(ThrottleBudgetStateMachine(rawValue: bucket.rawValue) == nil)
        #expect(TokenBucketBudgetStateMachine(rawValue: throttle.rawValue) == nil)
        #expect(TokenBucketBudgetStateMachine(rawValue: .max) == nil)
    }

    /// The model keeps every deposit and withdrawal with the latest time seen and counts, in hundredths, those of the last ten buckets.
    @Test("S62: withdrawals never exceed ratio x deposits + floor in any window, and are refused only then, for random sequences")
    func property() async throws {
        for seed in 0..<10_000 as Range<UInt64> {
            var random = RandomSource(seed: seed)
            let ratio = Int.random(in: 0...150, using: &random)
            let floor = Int.random(in: 0...3, using: &random)
            let configuration = try RetryBudget.Configuration.share(
                ratio: Double(ratio) / 100, minimumPerSecond: Double(floor), window: .seconds(1))
            let budget = RetryBudget(configuration, timeSource: VirtualTime().timeSource)
            var deposits: [Int64] = []
            var withdrawals: [Int64] = []
            var latest: Int64 = 0
            for _ in 0..<60 {
                let reading = latest + Int64.random(in: -30...120, using: &random)
                latest = max(latest, reading)
                var attempt = Self.attempt(reading)
                if Bool.random(using: &random) {
                    budget.deposit(&attempt)
                    deposits.append(latest)
                    continue
                }
                let inside = { (time: Int64) in time / 100 > latest / 100 - 10 }
                let balance = ratio * deposits.count(where: inside) + 100 * floor - 100 * withdrawals.count(where: inside)
                let taken = budget.take(&attempt)
                if taken != (balance >= 100) { #expect(taken == (balance >= 100), "seed \(seed)") }
                if taken { withdrawals.append(latest) }
            }
            if seed % 4 == 0 { await Task.yield() }
        }
    }

    /// The model adds and subtracts in thousandths.
    @Test("S62: gRPC's throttle is what adding and subtracting gives, for random sequences")
    func throttleProperty() async throws {
        for seed in 0..<5000 as Range<UInt64> {
            var random = RandomSource(seed: seed)
            let size = Int.random(in: 1...20, using: &random)
            let ratio = Int.random(in: 1...3000, using: &random)
            let budget = RetryBudget(try .grpcThrottle(maxTokens: size, tokenRatio: Double(ratio) / 1000))
            var model = size * 1000
            var attempt = Self.attempt(0)
            for _ in 0..<60 {
                let failed = Bool.random(using: &random)
                budget.record(failed: failed)
                model = failed ? max(model - 1000, 0) : min(model + ratio, size * 1000)
                if budget.take(&attempt) != (model * 2 > size * 1000) || budget.balance != Double(model) / 1000 {
                    #expect(budget.balance == Double(model) / 1000, "seed \(seed)")
                }
            }
            if seed % 4 == 0 { await Task.yield() }
        }
    }

    /// The model adds and subtracts in thousandths.
    @Test("S62: a token bucket is what adding and subtracting gives, for random sequences")
    func tokenBucketProperty() async throws {
        for seed in 0..<5000 as Range<UInt64> {
            var random = RandomSource(seed: seed)
            let size = Int.random(in: 2...20, using: &random)
            let inflow = Int.random(in: 1...3000, using: &random)
            let budget = RetryBudget(try .tokenBucket(maxTokens: size, tokensPerCall: Double(inflow) / 1000))
            var model = size * 1000
            var attempt = Self.attempt(0)
            for _ in 0..<60 {
                if Bool.random(using: &random) {
                    budget.deposit(&attempt)
                    model = min(model + inflow, size * 1000)
                } else {
                    let isAllowed = model > 1000
                    if isAllowed { model -= 1000 }
                    if budget.take(&attempt) != isAllowed { Issue.record("a retry is \(isAllowed ? "due" : "too much"), seed \(seed)") }
                }
                if budget.balance != Double(model) / 1000 { #expect(budget.balance == Double(model) / 1000, "seed \(seed)") }
            }
            if seed % 4 == 0 { await Task.yield() }
        }
    }

    @Test("S62: no token of a bucket is lost or taken twice between 64 tasks")
    func concurrentTokenBucket() async throws {
        let budget = RetryBudget(try .tokenBucket(maxTokens: 1000, tokensPerCall: 0.25))
        let taken = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<64 {
                group.addTask {
                    var attempt = Self.attempt(0)
                    // Taken before anything goes in, so that the bucket is never full when it does.
                    let first = (0..<5).count { _ in budget.take(&attempt) }
                    for _ in 0..<20 { budget.deposit(&attempt) }
                    return first
                }
            }
            return await group.reduce(0, +)
        }
        #expect(taken == 320)
        #expect(budget.balance == 1000)
    }

    @Test("S62: check and take are one step: 64 tasks take exactly what there is")
    func concurrent() async throws {
        let world = VirtualTime()
        let budget = RetryBudget(try .share(ratio: 0.1, minimumPerSecond: 5, window: .seconds(10)), timeSource: world.timeSource)
        let taken = await withTaskGroup(of: Int.self) { group in
            for number in 0..<64 {
                group.addTask {
                    var taken = 0
                    for step in 0..<100 {
                        var attempt = Attempt(world.timeSource)
                        budget.deposit(&attempt)
                        if budget.take(&attempt) { taken += 1 }
                        if step % 25 == number % 25 { await Task.yield() }
                    }
                    return taken
                }
            }
            return await group.reduce(0, +)
        }
        var left = 0
        var attempt = Attempt(world.timeSource)
        while budget.take(&attempt) { left += 1 }
        #expect(taken + left == 640 + 50)
    }

    @Test("S62: no token of gRPC's throttle is lost between 64 tasks")
    func concurrentThrottle() async throws {
        let budget = RetryBudget(try .grpcThrottle(maxTokens: 1000, tokenRatio: 0.05))
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<64 {
                group.addTask {
                    for step in 0..<210 { budget.record(failed: step % 21 == 0) }
                }
            }
        }
        // Each round of 21 is one token less and twenty times a twentieth more, but for what found the bucket full.
        #expect(budget.balance <= 1000 && budget.balance >= 1000 - 64)
        for _ in 0..<640 { budget.record(failed: true) }
        let before = budget.balance
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<64 {
                group.addTask { for _ in 0..<20 { budget.record(failed: number % 4 == 0) } }
            }
        }
        // 16 tasks took 20 each and 48 tasks put 20 x 0.05 each.
        #expect(budget.balance == before - 320 + 48)
    }
}
