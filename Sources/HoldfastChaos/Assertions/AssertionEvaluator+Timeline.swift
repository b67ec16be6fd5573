import Holdfast

extension AssertionEvaluator {
    /// Finds the steps in a breaker's spells, in order; a step takes the earliest spell that fits, which leaves most for the rest.
    func evaluate(breaker: String, _ steps: [TimelineStep]) -> Finding {
        let subject = "the story of \(breaker)"
        let required = steps.map(\.text).joined(separator: ", then ")
        guard let transitions = facts.breakers[breaker] else {
            return Finding(
                passed: false, subject: subject, observed: "no such breaker", required: required,
                sentence: "There was no breaker \(breaker) in this variant; required is \(required).")
        }
        let spells = BreakerSpell.spells(transitions, end: recorder.timeline.end.nanoseconds)
        let observed = Self.story(spells)
        var cursor = 0
        var slack: Double?
        for step in steps {
            guard let match = step.match(in: spells[cursor...]) else {
                return Finding(
                    passed: false, subject: subject, observed: observed, required: required,
                    sentence: "\(breaker) was not \(step.text)\(cursor == 0 ? "" : " after what came before"); it was \(observed).")
            }
            cursor = match.next
            if let stepSlack = match.slack { slack = min(slack ?? stepSlack, stepSlack) }
        }
        return Finding(
            passed: true, subject: subject, observed: observed, required: required, margin: slack.map { Figure.margin($0, .time) },
            sentence: "\(breaker) was \(required), as required.")
    }

    /// The spells in words, those in the middle of a long story left out.
    private static func story(_ spells: [BreakerSpell]) -> String {
        let parts = spells.map { "\($0.state.rawValue) at \(Figure.decimal(Double($0.start) / 1e9, 1)) s" }
        guard parts.count > 7 else { return parts.joined(separator: ", ") }
        return (parts.prefix(3) + ["… \(parts.count - 6) more …"] + parts.suffix(3)).joined(separator: ", ")
    }
}

extension TimelineStep {
    /// The step in words: `open within 4 s of fault`.
    fileprivate var text: String {
        var text = atLeast > 1 ? "\(state.rawValue) at least \(atLeast) times" : state.rawValue
        if let after {
            text += within.map { " within \(Figure.time($0.seconds)) of \(after.text)" } ?? " after \(after.text)"
        }
        return text
    }

    /// The index after the spell that completes the step, and how much sooner than allowed it came, in seconds.
    fileprivate func match(in spells: ArraySlice<BreakerSpell>) -> (next: Int, slack: Double?)? {
        let from = after?.offset.nanoseconds ?? 0
        let until = within.map { from + $0.nanoseconds }
        var found = 0
        for (index, spell) in zip(spells.indices, spells) where spell.state == state && spell.end > from {
            // A breaker that is in the state already when the event comes is there in time.
            let entered = max(spell.start, from)
            if let until, entered > until { return nil }
            found += 1
            if found == atLeast { return (index + 1, until.map { Double($0 - entered) / 1e9 }) }
        }
        return nil
    }
}
