import HoldfastVirtualTime
import Testing

@testable import Holdfast

@Suite("Fallback")
struct FallbackTests {
    typealias Steps = [Fallback<String, Int>.Step]

    private static func fallback(_ world: VirtualTime, _ steps: Steps, on: FailureSelector? = nil) throws -> Fallback<String, Int> {
        Fallback("say/fallback", try .init(steps, on: on), timeSource: world.timeSource)
    }

    private static let down = Coded(code: .unavailable)

    @Test("S31, S6: steps are tried in order and the answer says which gave it and what it hides")
    func order() throws {
        let world = VirtualTime()
        let fallback = try Self.fallback(world, [.lastGood(maxAge: .seconds(30)), .handler("boom") { _, _ in throw Self.down }, .value(9)])
        try world.run {
            let fixed = try await fallback.answer(to: Self.down, key: "a")
            #expect(fixed.value == 9)
            guard case .fallback(let step, let failure) = fixed.source else { throw Self.down }
            #expect(step == "value" && (failure as? Coded)?.code == .unavailable)
            fallback.remember(5, for: "a")
            #expect(try await fallback.answer(to: Self.down, key: "a").value == 5)
            #expect(try await fallback.answer(to: Self.down, key: "b").value == 9, "an answer never crosses keys")
            try await world.timeSource.sleep(for: .seconds(31))
            #expect(try await fallback.answer(to: Self.down, key: "a").value == 9, "too old")
        }
    }

    @Test("S31: if all steps fail, the error is the first failure with theirs attached")
    func allFail() throws {
        let world = VirtualTime()
        let fallback = try Self.fallback(world, [.handler("a") { _, _ in throw Coded(code: .notFound) }, .lastGood(maxAge: .seconds(1))])
        #expect { try world.run { try await fallback.answer(to: Self.down, key: "a") } } throws: {
            guard let error = $0 as? FallbackError else { return false }
            return error.code == .unavailable && error.fallbackErrors.count == 1
        }
        let empty = try Self.fallback(world, [.lastGood(maxAge: .seconds(1))])
        #expect(throws: Coded.self) { try world.run { try await empty.answer(to: Self.down, key: "a") } }
    }

    @Test("S32, S1: it answers neither errors that blame the caller nor cancellations, unless told to")
    func callersFault() throws {
        let world = VirtualTime()
        let fallback = try Self.fallback(world, [.value(1)])
        #expect(!fallback.answers(Coded(code: .invalidArgument)))
        #expect(!fallback.answers(CancellationError()))
        #expect(fallback.answers(Rejection(policy: "b", kind: .circuitBreaker, reason: .open)))
        #expect(fallback.answers(Coded(code: .resourceExhausted)))
        let told = try Self.fallback(world, [.value(1)], on: FailureSelector(codes: [.notFound], origins: [.timeout]))
        #expect(told.answers(Coded(code: .notFound)))
        #expect(!told.answers(Coded(code: .unavailable)))
        #expect(told.answers(TimeoutError(policy: nil, scope: .total, after: .seconds(1))))
        #expect(!told.answers(Rejection(policy: "b", kind: .circuitBreaker, reason: .open)))
    }

    @Test("S35: it runs outside the policy's timeouts; after the caller's deadline only what costs no time may answer")
    func deadlines() throws {
        let world = VirtualTime()
        let fallback = try Self.fallback(
            world,
            [
                .handler("slow") { _, _ in
                    try await world.timeSource.sleep(for: .milliseconds(50)); return 3
                }, .value(9),
            ])
        let pipeline = try Pipeline("p", timeSource: world.timeSource) { try Timeout(after: .milliseconds(100)) }
        try world.run {
            let inTime = try await pipeline.run(key: "a", fallback: fallback, deadline: world.now() + .milliseconds(200)) { _ in
                try await world.timeSource.sleep(for: .seconds(1))
                return 0
            }
            #expect(inTime.value == 3)
            let tooSlow = try await pipeline.run(key: "a", fallback: fallback, deadline: world.now() + .milliseconds(120)) { _ in
                try await world.timeSource.sleep(for: .seconds(1))
                return 0
            }
            #expect(tooSlow.value == 9)
            let late = try await pipeline.run(key: "a", fallback: fallback, deadline: world.now() + .milliseconds(80)) { _ in
                try await world.timeSource.sleep(for: .seconds(1))
                return 0
            }
            #expect(late.value == 9)
        }
    }

    @Test("S35: a fallback closure that hangs ends at the caller's deadline, with the failure it was to hide")
    func hangingClosure() throws {
        let world = VirtualTime()
        let pipeline = Pipeline("p", [], timeSource: world.timeSource)
        try world.run {
            await #expect(throws: Coded.self) {
                try await pipeline.run(deadline: world.now() + .seconds(1)) { _ in
                    throw Self.down
                } fallback: { _ in
                    try await world.timeSource.sleep(for: .seconds(100))
                }
            }
        }
        #expect(world.now() == Instant(nanoseconds: 1_000_000_000))
    }

    @Test("S30: while the breaker is open the alternative answers at once; then the main path is tried again")
    func switchedOver() throws {
        let world = VirtualTime()
        let breaker = CircuitBreaker(
            "b", try .init(window: .count(4), minimumCalls: 2, open: .exactly(.seconds(1)), halfOpen: .init(probes: 1)),
            timeSource: world.timeSource)
        let pipeline = Pipeline("p", [.gate(breaker)], timeSource: world.timeSource)
        let fallback = try Self.fallback(world, [.value(9)])
        try world.run {
            for _ in 0..<2 {
                let answer = try await pipeline.run(key: "a", fallback: fallback) { _ -> Int in throw Self.down }
                #expect(answer.source.fallbackStep == "value")
            }
            let refused = try await pipeline.run(key: "a", fallback: fallback) { _ -> Int in
                Issue.record("the main path was tried while open")
                return 0
            }
            #expect(refused.value == 9)
            try await world.timeSource.sleep(for: .seconds(1))
            let main = try await pipeline.run(key: "a", fallback: fallback) { _ in 1 }
            #expect(main.value == 1 && main.source.fallbackStep == nil)
        }
    }

    @Test("A full cache forgets what was not used for longest")
    func leastRecentlyUsed() {
        let cache = Holder(LastGoodCache<Int, Int>(maxEntries: 3))
        let (now, age) = (Instant(nanoseconds: 0), Duration.seconds(10))
        for key in 1...3 { cache.value.store(key, for: key, now) }
        #expect(cache.value.value(for: 1, maxAge: age, now) == 1)
        cache.value.store(4, for: 4, now)
        #expect(cache.value.value(for: 2, maxAge: age, now) == nil)
        #expect([1, 3, 4].allSatisfy { cache.value.value(for: $0, maxAge: age, now) == $0 })
        for key in 5...1000 { cache.value.store(key, for: key, now) }
        #expect(cache.value.count == 3)
        #expect(cache.value.value(for: 1000, maxAge: age, now) == 1000)
    }

    @Test("A cache of another size keeps what was used last", arguments: [(2, [3, 1]), (3, [3, 1, 2]), (10, [3, 1, 2]), (0, [])])
    func resize(maxEntries: Int, kept: [Int]) {
        let (now, age) = (Instant(nanoseconds: 0), Duration.seconds(10))
        let cache = Holder(LastGoodCache<Int, Int>(maxEntries: 3))
        for key in [2, 1, 3] { cache.value.store(key, for: key, now) }
        cache.value = cache.value.resized(maxEntries)
        #expect(cache.value.count == kept.count)
        #expect(kept.allSatisfy { cache.value.value(for: $0, maxAge: age, now) == $0 })
        cache.value.store(4, for: 4, now)
        #expect(cache.value.count == min(kept.count + 1, maxEntries))
    }

    @Test("S31: random use of the cache against a list in the order of use", arguments: 0..<10)
    func cacheAgainstList(block: UInt64) async {
        for seed in block * 200..<(block + 1) * 200 {
            var random = SplitMix64State(seed: seed)
            let size = Int(random.next() % 6) + 1
            var cache = LastGoodCache<Int, Int>(maxEntries: size)
            var list: [(key: Int, value: Int, at: Int64)] = []
            var now: Int64 = 0
            for step in 0..<60 {
                now += Int64(random.next() % 10)
                let key = Int(random.next() % 8)
                let known = list.firstIndex { $0.key == key }
                if random.next() % 2 == 0 {
                    if let known { list.remove(at: known) } else if list.count == size { list.removeFirst() }
                    list.append((key, step, now))
                    cache.store(step, for: key, Instant(nanoseconds: now))
                } else {
                    var right: Int?
                    if let known, now - list[known].at <= 40 {
                        right = list[known].value
                        list.append(list.remove(at: known))
                    }
                    let value = cache.value(for: key, maxAge: .nanoseconds(40), Instant(nanoseconds: now))
                    if value != right { Issue.record("seed \(seed), step \(step): \(String(describing: value))") }
                }
            }
            await Task.yield()
        }
    }

    @Test("S31: several lastGood steps share the answers; a young one comes before another target, an old one after it")
    func youngThenOld() throws {
        let world = VirtualTime()
        let fallback = try Self.fallback(
            world,
            [
                .lastGood(maxAge: .seconds(1)), .target("spare") { key, _ in if key == "a" { throw Self.down } else { 7 } },
                .lastGood(maxAge: .seconds(60)),
            ])
        try world.run {
            for key in ["a", "b"] { fallback.remember(5, for: key) }
            for (key, at, value, step) in [("b", 0, 5, "lastGood"), ("b", 2, 7, "spare"), ("a", 0, 5, "lastGood")] {
                try await world.timeSource.sleep(for: .seconds(at))
                let answer = try await fallback.answer(to: Self.down, key: key)
                #expect(answer.value == value && answer.source.fallbackStep == step)
            }
        }
    }

    @Test("S31, S35, S44: a target has its own limit, knows its deadline, and is not asked after the caller's")
    func target() throws {
        let world = VirtualTime()
        let deadlines = Locked<[Instant?]>([])
        let fallback = try Self.fallback(
            world,
            [
                .target("spare", timeout: .milliseconds(100)) { _, call in
                    deadlines.withLock { $0.append(call.deadline) }
                    #expect(Call.enclosing.deadline == call.deadline)
                    try await world.timeSource.sleep(for: .seconds(1))
                    return 1
                }
            ])
        try world.run {
            await #expect { try await fallback.answer(to: Self.down, key: "a") } throws: {
                let error = ($0 as? FallbackError)?.fallbackErrors.first as? TimeoutError
                return error?.policy == "say/fallback/spare" && error?.after == .milliseconds(100)
            }
            #expect(world.now() == Instant(nanoseconds: 100_000_000))
            let deadline = world.now() + .milliseconds(50)
            await #expect(throws: FallbackError.self) { try await fallback.answer(to: Self.down, key: "a", deadline: deadline) }
            #expect(world.now() == deadline)
            await #expect(throws: Coded.self) { try await fallback.answer(to: Self.down, key: "a", deadline: deadline) }
        }
        #expect(deadlines.withLock { $0 } == [Instant(nanoseconds: 100_000_000), Instant(nanoseconds: 150_000_000)])
    }

    @Test("S33: concurrent answers for one key share one flight; a waiter that leaves or runs out of time does not end it")
    func singleFlight() throws {
        let world = VirtualTime()
        let runs = Locked<[String]>([])
        let fallback = Fallback<String, Int>(
            "f",
            try .init(
                [
                    .handler("slow") { key, _ in
                        runs.withLock { $0.append(key) }
                        try await world.timeSource.sleep(for: .seconds(1))
                        return 3
                    }, .value(9),
                ], singleFlight: true), timeSource: world.timeSource)
        try world.run {
            func answer(_ key: String, deadline: Instant? = nil) -> Task<Int, any Error> {
                Task(executorPreference: world) { try await fallback.answer(to: Self.down, key: key, deadline: deadline).value }
            }
            let first = answer("a")
            let (second, short, other) = (answer("a"), answer("a", deadline: world.now() + .milliseconds(100)), answer("b"))
            try await world.timeSource.sleep(for: .milliseconds(500))
            first.cancel()
            await #expect(throws: CancellationError.self) { try await first.value }
            #expect(world.now() == Instant(nanoseconds: 500_000_000))
            #expect(try await short.value == 9)
            #expect(try await second.value == 3)
            #expect(try await other.value == 3)
            #expect(world.now() == Instant(nanoseconds: 1_000_000_000))
        }
        #expect(runs.withLock { $0.sorted() } == ["a", "b"])
        #expect(fallback.counters.fellBack == 3)
    }

    @Test("S33, S80: a failure after a change does not share the flight of a step that is none any more")
    func singleFlightAcrossAChange() throws {
        let world = VirtualTime()
        @Sendable func step(_ value: Int) throws -> Fallback<String, Int>.Configuration {
            try .init(
                [
                    .handler("h\(value)") { _, _ in
                        try await world.timeSource.sleep(for: .seconds(1))
                        return value
                    }
                ], singleFlight: true)
        }
        let fallback = Fallback<String, Int>("f", try step(1), timeSource: world.timeSource)
        try world.run {
            let old = Task(executorPreference: world) { try await fallback.answer(to: Self.down, key: "a").value }
            try await world.timeSource.sleep(for: .milliseconds(500))
            fallback.reconfigure(try step(2))
            #expect(try await fallback.answer(to: Self.down, key: "a").value == 2)
            #expect(try await old.value == 1)
        }
    }

    @Test("S80: new steps are in force from the next failure on, and good answers stay")
    func reconfigure() throws {
        let world = VirtualTime()
        let fallback = try Self.fallback(world, [.lastGood(maxAge: .seconds(30)), .value(9)])
        try world.run { () async throws in
            for (key, value) in [("a", 1), ("b", 2)] { fallback.remember(value, for: key) }
            fallback.reconfigure(try .init([.lastGood(maxAge: .seconds(10), maxEntries: 1), .value(8)]))
            #expect(try await fallback.answer(to: Self.down, key: "a").value == 8, "one answer fits, the last")
            #expect(try await fallback.answer(to: Self.down, key: "b").value == 2)
            fallback.reconfigure(try .init([.value(7)]))
            fallback.remember(3, for: "a")
            #expect(try await fallback.answer(to: Self.down, key: "b").value == 7)
            #expect(fallback.configuration.steps.count == 1)
        }
    }

    @Test(
        "A fallback without steps, without age, room or time is refused with the field's name",
        arguments: [
            ("steps", []), ("lastGood.maxAge", [.lastGood(maxAge: .zero)]),
            ("lastGood.maxAge", [.value(1), .lastGood(maxAge: .seconds(-1))]),
            ("lastGood.maxEntries", [.lastGood(maxAge: .seconds(1), maxEntries: 0)]),
            ("lastGood.maxEntries", [.lastGood(maxAge: .seconds(1), maxEntries: -1)]),
            ("lastGood.maxEntries", [.lastGood(maxAge: .seconds(1), maxEntries: .max)]),
            ("target.timeout", [.target("spare", timeout: .zero) { _, _ in 1 }]),
            ("target.timeout", [.target("spare", timeout: .seconds(-5)) { _, _ in 1 }]),
        ] as [(String, Steps)])
    func configuration(field: String, steps: Steps) {
        #expect { try Fallback<String, Int>.Configuration(steps) } throws: { ($0 as? ConfigurationError)?.field == field }
    }
}
