/// Decides a scenario's assertions from what was recorded.
///
/// Nothing passes for want of evidence: a phase without calls, a breaker that was never there and an invariant that was never
/// put to the test fail.
package struct AssertionEvaluator {
    let recorder: Recorder
    let facts: RunFacts

    package init(recorder: Recorder, facts: RunFacts) {
        self.recorder = recorder
        self.facts = facts
    }

    /// Decides one assertion.
    package func evaluate(_ spec: AssertionSpec) -> AssertionResult {
        switch spec.check {
        case .metric(let metric, let bound, let phase):
            evaluate(metric, bound, phase: phase, load: spec.load).result(of: spec)
        case .recovers(let metric, let bound, let recovery):
            evaluate(metric, bound, recovery, load: spec.load).result(of: spec)
        case .timeline(let breaker, let steps):
            evaluate(breaker: breaker, steps).result(of: spec)
        case .invariant(let invariant):
            evaluate(invariant).result(of: spec)
        }
    }

    private func evaluate(_ metric: Metric, _ bound: Bound, phase: String?, load: String?) -> Finding {
        let place = phase.map { "in \($0)" } ?? "in all measured phases"
        let subject = "\(metric.name) \(place)" + (load.map { " of \($0)" } ?? "")
        let required = bound.text(metric.unit)
        let aggregate = recorder.aggregate(phase: phase, load: load)
        guard let value = aggregate.value(of: metric) else {
            let what =
                switch metric {
                case .limitValue: "no adaptive limiter"
                case .queueMax: "no service that told"
                default: aggregate.calls == 0 ? "no calls" : "no such calls"
                }
            return Finding(
                passed: false, subject: subject, observed: what, required: required,
                sentence:
                    "\(subject) could not be taken: there \(what.hasSuffix("calls") ? "were" : "was") \(what); required is \(required).")
        }
        let observed = Figure.text(value, metric.unit)
        let passed = bound.admits(value)
        let calls = Figure.count(aggregate.calls, "call")
        return Finding(
            passed: passed, subject: subject, observed: observed, value: value, required: required,
            margin: Figure.margin(bound.margin(of: value), metric.unit),
            sentence: "\(subject) was \(observed) of \(calls); required is \(required).")
    }
}

extension Bound {
    /// The bound in words: `at least 99.9 %`.
    func text(_ unit: Metric.Unit) -> String {
        "\(words) \(Figure.text(value, unit))"
    }
}
