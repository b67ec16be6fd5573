import Foundation
import Holdfast
import HoldfastChaos
import Testing

@Suite("Fault draws and decisions")
struct FaultInjectorTests {
    private func fault(_ id: String, _ share: Selection.Share, per: Selection.Unit = .attempt, group: String? = nil, hangs: Bool = false)
        -> FaultSpec
    {
        let selection = Selection(per: per, share: share)
        return FaultSpec(
            id: id, kind: hangs ? .rpcHang(selection) : .rpcError(.unavailable, message: "down", selection), service: "say",
            from: TimeReference(text: "fault", offset: .seconds(2)), duration: .seconds(4), group: group)
    }

    private func plan(_ faults: [FaultSpec], active: Set<String>? = nil, seed: UInt64 = 7) throws -> FaultPlan {
        var scenario = try ScenarioText.scenario()
        scenario.seed = seed
        scenario.faults = faults
        return scenario.faultPlan(service: "say", active: active ?? Set(faults.map(\.id)))
    }

    private func decisions(_ plan: FaultPlan, calls: Int = 2000) -> [FaultDecision.Effect] {
        let injector = FaultInjector(plan)
        return (0..<calls).map { injector.decide(load: "users", callIndex: $0, attempt: 1).effect }
    }

    @Test("Probability 0 never hits, 1 always", arguments: [(0.0, 0), (1.0, 2000)])
    func certainty(probability: Double, hits: Int) throws {
        let injector = FaultInjector(try plan([fault("f", .probability(probability))]))
        for call in 0..<2000 { _ = injector.decide(load: "users", callIndex: call, attempt: 1) }
        #expect(injector.hits["f", default: 0] == hits)
    }

    @Test("The faults of a group share one draw, so that their probabilities are shares of all attempts")
    func groups() throws {
        let results = decisions(
            try plan([fault("errors", .probability(0.6), group: "down"), fault("hangs", .probability(0.4), group: "down", hangs: true)]))
        #expect(!results.contains(.none), "0.6 and 0.4 make everything")
        let hangs = results.count { $0 == .hang }
        #expect(abs(hangs - 800) < 110, "five standard deviations around 0.4 of 2000: \(hangs)")
    }

    @Test("Ten shares of a tenth are everything, whatever their sum in binary")
    func tenths() throws {
        let faults = (0..<10).map { fault("f\($0)", .probability(0.1), group: "g") }
        #expect(!decisions(try plan(faults)).contains(.none))
    }

    @Test("A member that ends leaves the draws of its group where they were")
    func endedMember() throws {
        let faults = [fault("errors", .probability(0.3), group: "down"), fault("hangs", .probability(0.3), group: "down", hangs: true)]
        let both = decisions(try plan(faults))
        let alone = decisions(try plan(faults, active: ["hangs"]))
        #expect(alone == both.map { $0 == .hang ? .hang : .none })
    }

    @Test("Another fault does not move the draws of the first")
    func independence() throws {
        let alone = decisions(try plan([fault("a", .probability(0.3))]))
        let together = decisions(try plan([fault("a", .probability(0.3)), fault("b", .probability(0.3), hangs: true)]))
        let errors = FaultDecision.Effect.error(.unavailable, message: "down")
        #expect(together.map { $0 == errors } == alone.map { $0 == errors })
        // Faults with draws of their own overlap: about 0.3 x 0.7 of the calls are left to the second.
        #expect(abs(together.count { $0 == .hang } - 420) < 95)
    }

    @Test("Latency holds up what another fault then hits, whichever stands first; of two others the first acts, and alone counts")
    func combined() throws {
        let selection = Selection(per: .attempt, share: .probability(1))
        var (slow, slower) = (fault("slow", .probability(1)), fault("slower", .probability(1)))
        slow.kind = .rpcLatency(.constant(.milliseconds(30)), isCancellable: true, selection)
        slower.kind = .rpcLatency(.constant(.milliseconds(40)), isCancellable: false, selection)
        let injector = FaultInjector(
            try plan([slow, fault("errors", .probability(1)), fault("hangs", .probability(1), hangs: true), slower]))
        let decision = injector.decide(load: "users", callIndex: 0, attempt: 1)
        #expect(decision.delay == .milliseconds(70) && !decision.isCancellable)
        #expect(decision.effect == .error(.unavailable, message: "down"))
        #expect(injector.hits == ["slow": 1, "errors": 1, "slower": 1])
    }

    @Test("Attempts are drawn for one by one, or a call and all its attempts together")
    func units() throws {
        let perAttempt = FaultInjector(try plan([fault("f", .probability(0.5))]))
        let perRequest = FaultInjector(try plan([fault("f", .probability(0.5), per: .request)]))
        let fates = (0..<200).map { call in
            (
                Set((1...4).map { perAttempt.decide(load: "users", callIndex: call, attempt: $0) }).count,
                Set((1...4).map { perRequest.decide(load: "users", callIndex: call, attempt: $0) }).count
            )
        }
        #expect(fates.contains { $0.0 == 2 })
        #expect(fates.allSatisfy { $0.1 == 1 })
    }

    @Test(
        "Counting rules take what comes by its number",
        arguments: [
            (Selection.Share.nth(3), [3]), (.every(4), [4, 8, 12]), (.first(2), [1, 2]),
        ])
    func counting(share: Selection.Share, numbers: [Int]) throws {
        let injector = FaultInjector(try plan([fault("f", share)]))
        let hit = (1...12).filter { injector.decide(load: "users", callIndex: $0 + 100, attempt: 1).effect != .none }
        #expect(hit == numbers)
    }

    @Test("Counted by request, all attempts of a call have its number")
    func countingRequests() throws {
        let injector = FaultInjector(try plan([fault("f", .nth(2), per: .request)]))
        let calls = [(10, 1), (11, 1), (10, 2), (11, 2), (12, 1), (11, 3)]
        let hit = calls.map { injector.decide(load: "users", callIndex: $0.0, attempt: $0.1).effect != .none }
        #expect(hit == [false, true, false, true, false, true])
    }

    @Test("Hits outlive a change of plan; counting starts anew for a fault that comes back")
    func changeOfPlan() throws {
        let faults = [fault("f", .first(1)), fault("g", .probability(1))]
        let injector = FaultInjector(try plan(faults, active: ["f"]))
        _ = injector.decide(load: "users", callIndex: 0, attempt: 1)
        injector.install(try plan(faults, active: []))
        #expect(injector.decide(load: "users", callIndex: 1, attempt: 1).effect == .none)
        injector.install(try plan(faults, active: ["f"]))
        #expect(injector.decide(load: "users", callIndex: 2, attempt: 1).effect != .none)
        #expect(injector.hits == ["f": 2])
    }

    @Test("A process that takes another's place goes on counting where that one was")
    func goesOn() throws {
        var plan = try plan([fault("f", .first(5))])
        func hits(_ injector: FaultInjector) -> Int {
            injector.install(plan)
            for call in 0..<3 { _ = injector.decide(load: "users", callIndex: call, attempt: 1) }
            return injector.hits["f", default: 0]
        }
        let first = FaultInjector(FaultPlan(seed: 7))
        #expect(hits(first) == 3 && first.counted == ["f": 3])
        plan.entries[0].counted = 3
        let second = FaultInjector(FaultPlan(seed: 7))
        #expect(hits(second) == 2 && second.counted == ["f": 6])
        // It knows better than what it was told at its beginning.
        #expect(hits(second) == 2)
    }

    @Test("Each hit is told with the ids of its fault, call and attempt, and nothing is told of what is spared")
    func reports() throws {
        let told = Locked<[AttemptDecision]>([])
        let faults = [fault("errors", .nth(2)), fault("hangs", .nth(3), hangs: true)]
        let injector = FaultInjector(try plan(faults)) { decision in told.withLock { $0.append(decision) } }
        for attempt in 1...4 { _ = injector.decide(load: "users", callIndex: 7, attempt: attempt) }
        let decisions = told.withLock { $0 }
        #expect(decisions.map(\.fault) == ["errors", "hangs"] && decisions.map(\.attempt) == [2, 3])
        #expect(decisions.map(\.what) == ["answered UNAVAILABLE", "never answered"])
        #expect(decisions.allSatisfy { $0.load == "users" && $0.call == 7 && $0.at > 0 })
    }

    @Test("A plan is the same after the way to the service's process and back")
    func coding() throws {
        let original = try plan([fault("a", .probability(0.25), group: "g"), fault("b", .every(3), per: .request, hangs: true)])
        #expect(try JSONDecoder().decode(FaultPlan.self, from: JSONEncoder().encode(original)) == original)
    }

    @Test("A draw depends on its key alone: these are what they have always been")
    func stability() {
        let draws = (0..<3).map { FaultDraw.uniform(seed: 1, key: "id f", load: "users", callIndex: $0, attempt: 1) }
        #expect(draws == [0.662708507269195, 0.8362826552487101, 0.5850787817816728])
    }
}
