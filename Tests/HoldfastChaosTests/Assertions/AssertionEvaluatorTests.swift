import Holdfast
import HoldfastChaos
import Testing

@Suite("Assertions")
struct AssertionEvaluatorTests {
    private static let timeline = PhaseTimeline([
        Phase(name: "steady", start: .zero, end: .seconds(2)), Phase(name: "fault", start: .seconds(2), end: .seconds(4)),
        Phase(name: "after", start: .seconds(4), end: .seconds(12)),
    ])

    /// Ten calls a second, whose outcome depends on their intended start.
    private func recorder(until end: Double = 12, _ outcome: (Double) -> CallOutcome) -> Recorder {
        var recorder = Recorder(timeline: Self.timeline, loads: [Calls.load])
        for index in 0..<Int(end * 10) {
            let start = Double(index) / 10
            recorder.record(Calls.call(index, at: start, outcome(start)))
        }
        return recorder
    }

    private func evaluate(_ check: AssertionSpec.Check, _ recorder: Recorder, _ facts: RunFacts = RunFacts(offered: [:])) -> AssertionResult
    {
        AssertionEvaluator(recorder: recorder, facts: facts).evaluate(AssertionSpec(id: "it", role: .after, check: check))
    }

    private func reference(_ text: String, _ seconds: Double) -> TimeReference {
        TimeReference(text: text, offset: .seconds(seconds))
    }

    @Test(
        "A metric is compared with its bound, the border included as written",
        arguments: [
            (Bound(.atLeast, 0.5), true, "+0 points"), (Bound(.above, 0.5), false, "+0 points"), (Bound(.atMost, 0.5), true, "+0 points"),
            (Bound(.below, 0.5), false, "+0 points"), (Bound(.atLeast, 0.6), false, "−10 points"),
            (Bound(.atMost, 0.75), true, "+25 points"),
        ])
    func metric(bound: Bound, passed: Bool, margin: String) {
        let half = recorder { Int($0 * 10) % 2 == 0 ? .success : .timeout }
        let result = evaluate(.metric(.successRatio, bound, phase: "steady"), half)
        #expect(result.passed == passed)
        #expect(result.observed == "50 %")
        #expect(result.margin == margin)
    }

    @Test("A phase without calls fails, whichever way the bound points", arguments: [Bound(.atLeast, 0), Bound(.atMost, 1)])
    func emptyPhase(bound: Bound) {
        let result = evaluate(.metric(.successRatio, bound, phase: "after"), recorder(until: 4) { _ in .success })
        #expect(!result.passed)
        #expect(result.sentence.hasPrefix("successRatio in after could not be taken: there were no calls; required is "))
    }

    @Test("A latency of nothing answered fails")
    func noAnswers() {
        let result = evaluate(.metric(.latency(.p99), Bound(.atMost, 10), phase: "fault"), recorder { _ in .timeout })
        #expect(!result.passed)
        #expect(result.observed == "no such calls")
    }

    @Test(
        "A recovery is the first good stretch, and it must begin in time",
        arguments: [
            // Good from, required within, found after.
            (4.0, 5.0, "after 0 s"), (6.5, 5.0, "after 2.5 s"), (9.0, 5.0, "after 5 s"), (9.3, 5.0, nil), (6.5, 2.0, nil),
        ] as [(Double, Double, String?)])
    func recovery(goodFrom: Double, within: Double, found: String?) {
        let check = AssertionSpec.Check.recovers(
            .successRatio, Bound(.atLeast, 1),
            Recovery(after: reference("fault.end", 4), within: .seconds(within), sustained: .seconds(2)))
        let result = evaluate(check, recorder { $0 >= goodFrom ? .success : .timeout })
        #expect(result.passed == (found != nil))
        #expect(result.observed == found ?? "not reached")
    }

    @Test("A relapse starts the count anew")
    func relapse() {
        let check = AssertionSpec.Check.recovers(
            .successRatio, Bound(.atLeast, 1), Recovery(after: reference("fault.end", 4), within: .seconds(5), sustained: .seconds(3)))
        let result = evaluate(check, recorder { $0 >= 4 && !(6.5..<6.7).contains($0) ? .success : .timeout })
        #expect(result.observed == "after 2.75 s")
    }

    @Test("Seconds without calls are no recovery")
    func silence() {
        let check = AssertionSpec.Check.recovers(
            .successRatio, Bound(.atLeast, 0), Recovery(after: reference("fault.end", 4), within: .seconds(5), sustained: .seconds(2)))
        let result = evaluate(check, recorder(until: 4) { _ in .success })
        #expect(!result.passed)
        #expect(result.observed == "no calls")
    }

    private static let story: [(Double, BreakerState)] = [(2.5, .open), (3.5, .halfOpen), (3.6, .open), (4.6, .halfOpen), (4.7, .closed)]

    private func facts(_ story: [(Double, BreakerState)]?) -> RunFacts {
        let transitions = story?.map { BreakerTransition(breaker: "b", offset: Int64($0.0 * 1e9), state: $0.1) }
        return RunFacts(offered: [:], breakers: transitions.map { ["b": $0] } ?? [:])
    }

    private func step(_ state: BreakerState, within: Double? = nil, after: Double? = nil, atLeast: Int = 1) -> TimelineStep {
        TimelineStep(state: state, after: after.map { reference("event", $0) }, within: within.map { .seconds($0) }, atLeast: atLeast)
    }

    @Test("A story holds if its steps are found in order and in time")
    func timeline() {
        let good: [[TimelineStep]] = [
            [step(.open, within: 1, after: 2), step(.halfOpen), step(.closed, within: 1, after: 4)],
            [step(.open, atLeast: 2), step(.closed)],
            [step(.closed, within: 1, after: 0), step(.open, after: 2)],
            // Already closed when the event comes.
            [step(.closed, within: 1, after: 6)],
        ]
        let bad: [[TimelineStep]] = [
            [step(.open, within: 0.4, after: 2)],
            [step(.open, atLeast: 3)],
            [step(.halfOpen, atLeast: 2), step(.open)],
            [step(.open, after: 5)],
            [step(.isolated)],
        ]
        let calls = recorder { _ in .success }
        for steps in good { #expect(evaluate(.timeline(breaker: "b", steps), calls, facts(Self.story)).passed, "\(steps)") }
        for steps in bad { #expect(!evaluate(.timeline(breaker: "b", steps), calls, facts(Self.story)).passed, "\(steps)") }
    }

    @Test("A story's margin is that of its tightest step, and the failing step is named")
    func timelineWords() {
        let calls = recorder { _ in .success }
        let good = [step(.open, within: 1, after: 2), step(.closed, within: 10, after: 4)]
        #expect(evaluate(.timeline(breaker: "b", good), calls, facts(Self.story)).margin == "+500 ms")
        let late = evaluate(.timeline(breaker: "b", [step(.open, within: 0.4, after: 2)]), calls, facts(Self.story))
        #expect(
            late.sentence
                == "b was not open within 400 ms of event; it was closed at 0.0 s, open at 2.5 s, halfOpen at 3.5 s, open at 3.6 s, halfOpen at 4.6 s, closed at 4.7 s."
        )
    }

    @Test("A breaker that is not there fails; one that never moved was closed throughout")
    func missingBreaker() {
        let calls = recorder { _ in .success }
        #expect(!evaluate(.timeline(breaker: "b", [step(.closed)]), calls, facts(nil)).passed)
        #expect(evaluate(.timeline(breaker: "b", [step(.closed)]), calls, facts([])).passed)
    }

    @Test("Invariants hold on a clean run and name what breaks them")
    func invariants() {
        let clean = RunFacts(
            offered: ["users": 120], faults: [.init(id: "f", hits: 3, isUndone: true)],
            writes: ["users": .init(calls: 120, repeated: 0)])
        for invariant in Invariant.allCases {
            var calls = recorder { _ in .success }
            if invariant == .transparentRetriesAreFree {
                var again = Calls.call(120, at: 11, .success)
                again.resends = 1
                calls.record(again)
            }
            let result = evaluate(.invariant(invariant), calls, clean)
            #expect(result.passed, "\(result.sentence)")
        }

        var calls = recorder { _ in .success }
        calls.record(Calls.call(0, at: 0, .timeout))
        var bad = Calls.call(120, at: 11, .success, attempts: 3)
        bad.hasWrongData = true
        bad.isAnsweredLate = true
        (bad.resends, bad.begun) = (1, 2)
        calls.record(bad)
        let facts = RunFacts(
            offered: ["users": 122], maximumAttempts: 2, faults: [.init(id: "f", hits: 3, isUndone: false)],
            writes: ["users": .init(calls: 121, repeated: 2)], leaks: ["process 42 still runs"])
        let observed: [Invariant: String] = [
            .everyCallHasOneOutcome: "1 of 122 calls had no outcome; 1 outcome came after the first one of a call",
            .noWrongData: "1 of 121 answers belonged to another request",
            .noAnswerAfterDeadline: "1 of 121 answers came after the deadline",
            .attemptsWithinMaximum: "a call was sent 3 times, and the policies allow 2",
            .atMostOnce: "of 121 calls some were worked on again, 2 times in all",
            .transparentRetriesAreFree: "1 call had more attempts than were begun",
            .allFaultsUndone: "not undone: f",
            .nothingLeaked: "process 42 still runs",
        ]
        for invariant in Invariant.allCases {
            let result = evaluate(.invariant(invariant), calls, facts)
            #expect(!result.passed)
            #expect(result.observed == observed[invariant])
        }
    }

    @Test(
        "Invariants that were not put to the test fail",
        arguments: [
            Invariant.everyCallHasOneOutcome, .noWrongData, .noAnswerAfterDeadline, .attemptsWithinMaximum, .allFaultsUndone, .atMostOnce,
            .transparentRetriesAreFree,
        ])
    func vacuousInvariants(invariant: Invariant) {
        #expect(!evaluate(.invariant(invariant), recorder(until: 0) { _ in .success }, RunFacts(offered: [:])).passed)
    }
}
