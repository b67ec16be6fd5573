import HoldfastVirtualTime
import Testing

@testable import Holdfast

@Suite("Chaos")
struct ChaosTests {
    private static func chaos(_ world: VirtualTime, _ configuration: Chaos.Configuration, seed: UInt64 = 1) -> Chaos {
        Chaos("chaos", configuration, timeSource: world.timeSource, random: RandomSource(seed: seed))
    }

    private static func everything(rate: Double, isEnabled: Bool = true) throws -> Chaos.Configuration {
        try Chaos.Configuration(
            fault: .init(rate: rate, error: ChaosFault(code: .unavailable)), latency: .init(rate: rate, delay: .milliseconds(100)),
            outcome: .init(rate: rate, value: 7), behavior: .init(rate: rate) {}, isEnabled: isEnabled)
    }

    @Test("Off by default, it leaves every call alone; it can be enabled and disabled")
    func enabling() throws {
        let world = VirtualTime()
        let chaos = Self.chaos(world, try Self.everything(rate: 1, isEnabled: false))
        #expect(!Chaos.Configuration().isEnabled)
        try world.run { () async throws in
            #expect(try await chaos.run { 1 } == 1)
            chaos.enable()
            #expect(chaos.isEnabled)
            await #expect(throws: ChaosFault(code: .unavailable)) { try await chaos.run { 1 } }
            chaos.disable()
            #expect(try await chaos.run { 1 } == 1)
        }
        #expect(chaos.counters.injected == 3)
    }

    @Test("A rate of 0 injects never, of 1 always, of any other about as often", arguments: [0, 0.01, 0.25, 0.5, 0.99, 1], [1, 2, 3])
    func rates(rate: Double, seed: UInt64) throws {
        let machine = ChaosStateMachine(latency: rate, behavior: rate, fault: rate, outcome: rate)
        var random = SplitMix64State(seed: seed)
        let calls = 20_000
        var (latencies, behaviors, faults, outcomes) = (0, 0, 0, 0)
        for _ in 0..<calls {
            let injected = machine.draw(&random)
            if injected.contains(.latency) { latencies += 1 }
            if injected.contains(.behavior) { behaviors += 1 }
            if injected.contains(.fault) { faults += 1 }
            if injected.contains(.outcome) { outcomes += 1 }
        }
        // Five standard deviations; none at the ends.
        for (count, share) in [(latencies, rate), (behaviors, rate), (faults, rate), (outcomes, rate * (1 - rate))] {
            let slack = 5 * (Double(calls) * share * (1 - share)).squareRoot()
            #expect(abs(Double(count) - Double(calls) * share) <= slack, "seed \(seed)")
        }
    }

    @Test("The draws of one injection do not depend on the others, and a seed repeats them")
    func independence() {
        func latencies(fault: Double) -> [Bool] {
            var random = SplitMix64State(seed: 9)
            let machine = ChaosStateMachine(latency: 0.5, fault: fault)
            return (0..<100).map { _ in machine.draw(&random).contains(.latency) }
        }
        #expect(latencies(fault: 0) == latencies(fault: 1))
        #expect(latencies(fault: 0).contains(true) && latencies(fault: 0).contains(false))
    }

    @Test("A wait comes first, then what is done, then the error; the operation does not run")
    func order() throws {
        let world = VirtualTime()
        let done = Locked<[Int64]>([])
        var configuration = try Self.everything(rate: 1)
        configuration.behavior = try .init(rate: 1) { done.withLock { $0.append(world.now().nanoseconds) } }
        let chaos = Self.chaos(world, configuration)
        try world.run { () async throws in
            await #expect(throws: ChaosFault.self) {
                try await chaos.run { Issue.record("the operation ran") }
            }
        }
        #expect(done.withLock { $0 } == [100_000_000])
    }

    @Test("An answer takes the operation's place; calls that answer with another type are left alone")
    func outcome() throws {
        let world = VirtualTime()
        let chaos = Self.chaos(world, .init(outcome: try .init(rate: 1, value: 7), isEnabled: true))
        try world.run { () async throws in
            #expect(try await chaos.run { 1 } == 7)
            #expect(try await chaos.run { "text" } == "text")
            #expect(try await chaos.run { Int?.some(1) } == 7)
        }
        #expect(chaos.counters.injected == 2)
        let without = Self.chaos(world, .init(isEnabled: true))
        try world.run { () async throws in
            #expect(try await without.run { Int?.some(1) } == 1)
        }
        #expect(chaos.draw().outcome as? Int == 7)
    }

    @Test("What throws in a behavior ends the call")
    func behavior() throws {
        let world = VirtualTime()
        let chaos = Self.chaos(world, .init(behavior: try .init(rate: 1) { throw Coded(code: .dataLoss) }, isEnabled: true))
        try world.run { () async throws in
            await #expect(throws: Coded.self) { try await chaos.run { 1 } }
        }
    }

    @Test("S1: a caller that goes away during an injected wait leaves at once")
    func cancelled() throws {
        let world = VirtualTime()
        let chaos = Self.chaos(world, .init(latency: try .init(rate: 1, delay: .seconds(100)), isEnabled: true))
        try world.run { () async throws in
            let call = Task(executorPreference: world) { try await chaos.run { Issue.record("the operation ran") } }
            try await world.timeSource.sleep(for: .seconds(1))
            call.cancel()
            await #expect(throws: CancellationError.self) { try await call.value }
        }
        #expect(world.now() == Instant(nanoseconds: 1_000_000_000))
    }

    @Test("Each injection is one event and counts once; new settings are in force at once")
    func events() async throws {
        let world = VirtualTime()
        let chaos = Self.chaos(world, try Self.everything(rate: 1))
        let events = chaos.events()
        _ = chaos.draw()
        chaos.reconfigure(.init(outcome: try .init(rate: 1, value: "text"), isEnabled: true))
        // What is drawn is counted when it is given, since a call may have no use for it.
        #expect(chaos.draw().outcome as? String == "text")
        #expect(chaos.counters.injected == 3)
        #expect(try await chaos.inject(as: Int.self) == nil)
        #expect(try await chaos.inject(as: String.self) == "text")
        chaos.reconfigure(try Self.everything(rate: 1, isEnabled: false))
        #expect(chaos.draw().isEmpty)
        events.finish()
        let decisions = await events.reduce(into: [String]()) { $0.append("\($1.decision)") }
        #expect(
            decisions == [
                #"injected("latency")"#, #"injected("behavior")"#, #"injected("fault")"#, "reconfigured", #"injected("outcome")"#,
                "reconfigured",
            ])
        #expect(chaos.counters.injected == 4)
    }

    @Test("S3: the fault of a file counts as its code says, and names its policy")
    func fault() {
        let fault = ChaosFault(code: .unavailable, policy: "say/chaos", message: "drill")
        #expect(Classification.standard.outcome(of: fault) == .failure)
        #expect("\(fault)" == #"UNAVAILABLE injected by chaos "say/chaos": drill"#)
        #expect("\(ChaosFault(code: .aborted))" == #"ABORTED injected by chaos "chaos""#)
    }

    @Test("A rate outside 0 to 1 or a wait of no length is refused", arguments: [-0.1, 1.1, .nan, .infinity, -.infinity])
    func configuration(rate: Double) {
        func field(_ make: () throws -> Void) -> String? {
            do { try make() } catch { return (error as? ConfigurationError)?.field }
            return nil
        }
        let refused = [
            field { _ = try Chaos.Configuration.Fault(rate: rate, error: ChaosFault(code: .unknown)) },
            field { _ = try Chaos.Configuration.Latency(rate: rate, delay: .seconds(1)) },
            field { _ = try Chaos.Configuration.Outcome(rate: rate, value: 1) },
            field { _ = try Chaos.Configuration.Behavior(rate: rate) {} },
            field { _ = try Chaos.Configuration.Latency(rate: 1, delay: .zero) },
            field { _ = try Chaos.Configuration.Latency(rate: 1, delay: .seconds(-1)) },
        ]
        #expect(refused == ["fault.rate", "latency.rate", "outcome.rate", "behavior.rate", "latency.delay", "latency.delay"])
    }

    @Test("64 tasks and somebody who enables and disables: every call ends, and what is counted was seen")
    func concurrency() async throws {
        let chaos = Chaos("chaos", .init(fault: try .init(rate: 0.5, error: ChaosFault(code: .unavailable)), isEnabled: true))
        let faults = Counted()
        await withTaskGroup { group in
            for task in 0..<64 {
                group.addTask {
                    for call in 0..<100 {
                        if task == 0 { call % 2 == 0 ? chaos.disable() : chaos.enable() }
                        do { try await chaos.run { await Task.yield() } } catch { faults.add(1) }
                    }
                }
            }
        }
        #expect(chaos.counters.injected == faults.value)
    }
}
