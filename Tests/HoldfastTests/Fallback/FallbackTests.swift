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
        let cache = Holder(LastGoodCache<Int, Int>(maxAge: .seconds(10), maxEntries: 3))
        let now = Instant(nanoseconds: 0)
        for key in 1...3 { cache.value.store(key, for: key, now) }
        #expect(cache.value.value(for: 1, now) == 1)
        cache.value.store(4, for: 4, now)
        #expect(cache.value.value(for: 2, now) == nil)
        #expect([1, 3, 4].allSatisfy { cache.value.value(for: $0, now) == $0 })
        for key in 5...1000 { cache.value.store(key, for: key, now) }
        #expect(cache.value.count == 3)
        #expect(cache.value.value(for: 1000, now) == 1000)
    }

    @Test("A fallback without steps, without age or without room is refused")
    func configuration() {
        #expect(throws: ConfigurationError.self) { try Fallback<String, Int>.Configuration([]) }
        #expect(throws: ConfigurationError.self) { try Fallback<String, Int>.Configuration([.lastGood(maxAge: .zero)]) }
        #expect(throws: ConfigurationError.self) {
            try Fallback<String, Int>.Configuration([.lastGood(maxAge: .seconds(1), maxEntries: 0)])
        }
    }
}
