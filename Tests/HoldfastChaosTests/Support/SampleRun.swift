import Holdfast

@testable import HoldfastChaos

/// A run of `say-outage` as its breaker would make it go, worked out from the scenario's own arrivals and draws.
///
/// It stands for a real run where a test needs what a run leaves behind, not what a policy does.
enum SampleRun {
    static func result() throws -> RunResult {
        let scenario = try Examples.scenario("say-outage")
        let variants = scenario.variants.map { variant in variantResult(variant, scenario) }
        return RunResult(
            scenario: scenario, replayCommand: "holdfast chaos run Examples/say-outage.json --seed 20261122",
            machine: "Linux x86_64, 2 cores, Swift 6.3.1", startedAt: "2026-11-22T17:00:00Z", variants: variants)
    }

    /// A run of the base scenario of ``ScenarioText`` of which one claim is told.
    static func result(of verdict: String, value: Double) throws -> RunResult {
        let scenario = try ScenarioText.scenario()
        let evaluator = AssertionEvaluator(
            recorder: Recorder(timeline: scenario.timeline, loads: scenario.load), facts: RunFacts(offered: [:]))
        var answered = evaluator.evaluate(scenario.assertions[1])
        (answered.passed, answered.value) = (verdict == "passed", value)
        var variant = VariantResult(
            variant: scenario.variants[0], scenario: scenario, recorder: evaluator.recorder, facts: evaluator.facts, assertions: [answered])
        variant.assertions = [answered]
        var result = RunResult(scenario: scenario, replayCommand: "", machine: "", startedAt: "", variants: [variant])
        result.verdict = verdict == "passed" ? .passed : .failed
        return result
    }

    static func variantResult(_ variant: Variant, _ scenario: Scenario) -> VariantResult {
        let (recorder, facts) = run(scenario, hasFallback: variant.disable.isEmpty)
        let evaluator = AssertionEvaluator(recorder: recorder, facts: facts)
        return VariantResult(
            variant: variant, scenario: scenario, recorder: recorder, facts: facts,
            assertions: scenario.assertions.map(evaluator.evaluate))
    }

    private static func run(_ scenario: Scenario, hasFallback: Bool) -> (Recorder, RunFacts) {
        var recorder = Recorder(timeline: scenario.timeline, loads: scenario.load)
        let load = scenario.load[0]
        let fault = scenario.timeline["fault"]!
        let start = fault.start.nanoseconds
        let transitions = breaker(from: start + 400_000_000, until: fault.end.nanoseconds)
        let faults = FaultInjector(scenario.faultPlan(service: "say", active: ["say-errors", "say-hangs"]))
        let random = KeyedRandom(seed: scenario.seed).keyed("sample").sequence
        var offered = 0
        guard case .open(let process, let rate) = load.arrival else { preconditionFailure("the sample's load is an open one") }
        let arrivals = ArrivalSchedule(process, rate: rate, end: scenario.timeline.end, seed: scenario.seed, load: load.name)
        for (index, offset) in arrivals.enumerated() {
            offered += 1
            let serviceTime =
                load.deadline.nanoseconds / 2000
                + ServiceTime.lognormal(median: .milliseconds(4), sigma: 0.5)
                .sample(using: random).nanoseconds
            let isDown = offset >= start && offset < fault.end.nanoseconds
            let state = transitions.last { $0.offset <= offset }?.state ?? .closed
            let decision: FaultDecision.Effect
            if isDown, state != .open {
                decision = faults.decide(load: load.name, callIndex: index, attempt: 1).effect
            } else {
                decision = .none
            }
            let outcome: CallOutcome
            switch (state, decision) {
            case (.open, _): outcome = hasFallback ? .fallback(step: "lastGood") : .rejected(kind: "circuitBreaker")
            case (_, .error(let code, _, _)): outcome = hasFallback ? .fallback(step: "lastGood") : .error(code)
            case (_, .hang): outcome = hasFallback ? .fallback(step: "value") : .timeout
            case (_, .none), (_, .answer): outcome = .success
            }
            let latency = decision == .hang ? 200_000_000 : state == .open ? 60_000 : serviceTime
            recorder.record(
                CallRecord(
                    load: load.name, index: index, intendedStart: offset, started: offset + 90_000, ended: offset + latency,
                    outcome: outcome, attempts: state == .open ? 0 : 1))
        }
        let hits = faults.hits
        let facts = RunFacts(
            offered: [load.name: offered],
            faults: scenario.faults.map { .init(id: $0.id, hits: hits[$0.id] ?? 0, isUndone: true) },
            breakers: ["say/circuitBreaker": transitions])
        return (recorder, facts)
    }

    /// Opens, probes in ever longer intervals, closes at the first probe after the fault.
    private static func breaker(from start: Int64, until end: Int64) -> [BreakerTransition] {
        let name = "say/circuitBreaker"
        var transitions = [BreakerTransition(breaker: name, offset: start, state: .open)]
        var offset = start
        var wait: Int64 = 1_000_000_000
        while true {
            offset += wait
            transitions.append(BreakerTransition(breaker: name, offset: offset, state: .halfOpen))
            offset += 30_000_000
            guard offset < end else { break }
            transitions.append(BreakerTransition(breaker: name, offset: offset, state: .open))
            wait = min(wait * 2, 5_000_000_000)
        }
        transitions.append(BreakerTransition(breaker: name, offset: offset, state: .closed))
        return transitions
    }
}
