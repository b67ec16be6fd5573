import HoldfastVirtualTime
import Testing

@testable import Holdfast

@Suite("Pipeline: chaos policies")
struct PipelineChaosTests {
    private static func breaker(_ world: VirtualTime, _ name: String) throws -> CircuitBreaker {
        CircuitBreaker(name, try .init(window: .count(10)), timeSource: world.timeSource)
    }

    @Test("An injected fault is seen by what is further out, and by nothing further in")
    func fault() throws {
        let world = VirtualTime()
        let (outer, inner) = (try Self.breaker(world, "outer"), try Self.breaker(world, "inner"))
        let chaos = Chaos("c", .init(fault: try .init(rate: 1, error: ChaosFault(code: .unavailable))), timeSource: world.timeSource)
        let pipeline = Pipeline("p", [.gate(outer), .chaos(chaos), .gate(inner)], timeSource: world.timeSource)
        try world.run {
            try await pipeline.run { _ in }
            chaos.enable()
            await #expect(throws: ChaosFault.self) { try await pipeline.run { _ in } }
            chaos.disable()
            try await pipeline.run { _ in }
        }
        #expect(outer.snapshot().failed == 1)
        #expect(outer.snapshot().calls == 3)
        #expect(inner.snapshot().calls == 2)
        #expect(chaos.counters.injected == 1)
    }

    @Test("An injected latency delays the call and is cut short by a timeout around it", arguments: [(100, true), (1000, false)])
    func latency(delay: Int, isInTime: Bool) throws {
        let world = VirtualTime()
        let chaos = Chaos(
            "c", .init(latency: try .init(rate: 1, delay: .milliseconds(delay)), isEnabled: true), timeSource: world.timeSource)
        let pipeline = try Pipeline("p", timeSource: world.timeSource) {
            try Timeout("t", after: .milliseconds(500), timeSource: world.timeSource)
            chaos
        }
        try world.run {
            if isInTime {
                try await pipeline.run { _ in }
            } else {
                await #expect(throws: TimeoutError(policy: "t", scope: .total, after: .milliseconds(500))) {
                    try await pipeline.run { _ in }
                }
            }
            #expect(world.now() == Instant(nanoseconds: Int64(min(delay, 500)) * 1_000_000))
        }
    }

    @Test("An injected outcome answers in place of the operation; one of another type leaves the call alone")
    func outcome() throws {
        let world = VirtualTime()
        let breaker = try Self.breaker(world, "outer")
        let chaos = Chaos("c", .init(outcome: try .init(rate: 1, value: 42), isEnabled: true), timeSource: world.timeSource)
        let pipeline = Pipeline("p", [.gate(breaker), .chaos(chaos)], timeSource: world.timeSource)
        #expect(try world.run { try await pipeline.run { _ in 1 } } == 42)
        #expect(chaos.counters.injected == 1)
        #expect(try world.run { try await pipeline.run { _ in "one" } } == "one")
        #expect(chaos.counters.injected == 1, "what was not given is not counted")
        #expect(breaker.snapshot().calls == 2)
    }

    @Test("An injected behavior runs before the operation; when it throws, that is how the call ends")
    func behavior() throws {
        struct Broken: Error {}
        let world = VirtualTime()
        let ran = Locked(0)
        let chaos = Chaos(
            "c",
            .init(
                behavior: try .init(rate: 1) {
                    if ran.withLock({
                        $0 += 1; return $0
                    }) == 2 {
                        throw Broken()
                    }
                }, isEnabled: true), timeSource: world.timeSource)
        let pipeline = Pipeline("p", [.chaos(chaos)], timeSource: world.timeSource)
        #expect(try world.run { try await pipeline.run { _ in ran.withLock { $0 } } } == 1)
        try world.run { await #expect(throws: Broken.self) { try await pipeline.run { _ in } } }
    }

    @Test("A retry gets a call through chaos that hits one call in two; the same seed hits the same calls")
    func retried() throws {
        func run() throws -> (answered: Int, injected: Int) {
            let world = VirtualTime()
            let chaos = Chaos(
                "c", .init(fault: try .init(rate: 0.5, error: ChaosFault(code: .unavailable)), isEnabled: true),
                timeSource: world.timeSource, random: RandomSource(seed: 7))
            let retry = Retry("r", try .init(maxAttempts: 10, budget: nil), timeSource: world.timeSource, random: RandomSource(seed: 8))
            let pipeline = Pipeline("p", [.retry(retry), .chaos(chaos)], timeSource: world.timeSource)
            let answered = try world.run { () async -> Int in
                var answered = 0
                for _ in 0..<100 where (try? await pipeline.run { _ in }) != nil { answered += 1 }
                return answered
            }
            return (answered, chaos.counters.injected)
        }
        let (first, second) = (try run(), try run())
        #expect(first == second)
        #expect(first.answered >= 99)
        #expect((60...150).contains(first.injected))
    }
}
