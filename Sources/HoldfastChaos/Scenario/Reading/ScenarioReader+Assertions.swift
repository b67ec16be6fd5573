import Holdfast
import HoldfastPolicyFiles

extension ScenarioReader {
    func assertion(_ reader: ValueReader) -> AssertionSpec? {
        guard let object = reader.object("id, role and one of metric, breaker and invariant") else { return nil }
        defer { object.finish() }
        let id = object.required("id")?.identifier()
        let roleReader = object.required("role")
        let role = roleReader?.oneOf(["gate": AssertionSpec.Role.gate, "during": .during, "after": .after])
        guard let (kind, value) = object.exactlyOne(of: ["metric", "breaker", "invariant"]) else { return nil }

        var load: String?
        let check: AssertionSpec.Check?
        switch kind {
        case "metric":
            load = object.optional("load")?.reference("load", among: written.loads.isEmpty ? nil : written.loads)
            check = metricCheck(value, object, role: role)
        case "breaker":
            let breaker = breakerName(value)
            let steps = object.required("timeline").flatMap { timeline($0) }
            check = breaker.flatMap { breaker in steps.map { .timeline(breaker: breaker, $0) } }
        default:
            check = value.oneOf(Self.invariants).map { .invariant($0) }
        }
        guard let id, let role, let check else { return nil }
        if role == .gate, !isGateCheck(check) {
            roleReader?.fail("a gate is a metric over a phase with \"gate\": true; give such a metric and phase, or another role")
        }
        return AssertionSpec(id: id, role: role, check: check, load: load)
    }

    private func isGateCheck(_ check: AssertionSpec.Check) -> Bool {
        guard case .metric(_, _, let phase?) = check else { return false }
        return self.timeline[phase]?.isGate == true
    }

    private func metricCheck(_ reader: ValueReader, _ object: ObjectReader, role: AssertionSpec.Role?) -> AssertionSpec.Check? {
        let metric = metric(reader)
        let phaseReader = object.optional("phase")
        let phase = phaseReader?.reference("phase", among: written.phases.isEmpty ? nil : written.phases)
        guard object.contains("recovers") || object.contains("is") else {
            object.reader.fail("missing one of the keys \"is\" or \"recovers\"")
            return nil
        }
        if let recovers = object.optional("recovers") {
            phaseReader?.fail("a recovery is looked for after an event, not in a phase; remove \"phase\"")
            object.optional("is")?.fail("stands beside \"recovers\", which has an \"is\" of its own; remove one")
            guard let metric else { return nil }
            return recovery(recovers, metric)
        }
        if role == .during, phaseReader == nil {
            object.reader.fail("missing key \"phase\": an assertion with the role \"during\" is about one")
        }
        guard let metric, let bound = object.optional("is").flatMap({ bound($0, metric) }) else { return nil }
        guard phaseReader == nil || phase != nil else { return nil }
        return .metric(metric, bound, phase: phase)
    }

    private func metric(_ reader: ValueReader) -> Metric? {
        guard let name = reader.string("a metric's name") else { return nil }
        if let metric = Metric.all.first(where: { $0.name == name }) { return metric }
        let names = Metric.all.map(\.name)
        let suggestion = Spelling.nearest(to: name, among: names).map { "did you mean \(quoted($0))?" }
        reader.fail("there is no metric \(quoted(name)); \(suggestion ?? "there is \(Spelling.list(names, or: "and"))")")
        return nil
    }

    private func bound(_ reader: ValueReader, _ metric: Metric) -> Bound? {
        guard let object = reader.object("one of >=, <=, > and <") else { return nil }
        defer { object.finish() }
        guard let (key, value) = object.exactlyOne(of: Bound.Comparison.allCases.map(\.rawValue)) else { return nil }
        guard let comparison = Bound.Comparison(rawValue: key) else { return nil }
        let number: Double?
        switch metric.unit {
        case .ratio: number = value.rate()
        case .number: number = value.number(in: 0 ... .greatestFiniteMagnitude)
        case .time: number = value.duration()?.seconds
        }
        return number.map { Bound(comparison, $0) }
    }

    private func recovery(_ reader: ValueReader, _ metric: Metric) -> AssertionSpec.Check? {
        guard let object = reader.object("is, sustained, within and after") else { return nil }
        let bound = object.required("is").flatMap { self.bound($0, metric) }
        let sustained = object.required("sustained")?.duration(atLeast: .seconds(1))
        let within = object.required("within")?.duration()
        let after = object.required("after").flatMap { time($0) }
        object.finish()
        guard let bound, let sustained, let within, let after else { return nil }
        let end = after.offset + within + sustained
        if end > timeline.end {
            reader.fail(
                "needs the run to go on until \(DurationText.format(end)), and it ends at \(DurationText.format(timeline.end)); "
                    + "lengthen the last phase or shorten \"within\" or \"sustained\"")
        }
        return .recovers(metric, bound, Recovery(after: after, within: within, sustained: sustained))
    }

    private func breakerName(_ reader: ValueReader) -> String? {
        guard let name = reader.string("a breaker, such as \"say/circuitBreaker\"") else { return nil }
        // Code calls its breakers what it likes.
        guard isAllCode || name.split(separator: "/", omittingEmptySubsequences: false).count == 2 else {
            reader.fail("\(quoted(name)) is not a breaker; write the policy and the element, such as \"say/circuitBreaker\"")
            return nil
        }
        return name
    }

    private func timeline(_ reader: ValueReader) -> [TimelineStep]? {
        guard let items = reader.array("steps such as { \"state\": \"open\", \"within\": \"4s\", \"after\": \"fault\" }") else {
            return nil
        }
        if items.isEmpty { reader.fail("the list is empty; give at least one step") }
        return items.compactMap { item in
            guard let object = item.object("state, and within and after or atLeast") else { return nil }
            let state = object.required("state")?.oneOf(Self.states)
            let within = object.optional("within")?.duration(above: .zero)
            let after = object.optional("after").flatMap { time($0) }
            let atLeast = object.value("atLeast", default: 1) { $0.integer(in: 1...1_000_000) }
            if object.contains("within"), !object.contains("after") {
                item.fail("\"within\" has no \"after\" to count from; add one")
            }
            object.finish()
            guard let state, let atLeast else { return nil }
            return TimelineStep(state: state, after: after, within: within, atLeast: atLeast)
        }
    }

    private static let states: KeyValuePairs<String, BreakerState> = [
        "closed": .closed, "open": .open, "halfOpen": .halfOpen, "isolated": .isolated, "disabled": .disabled,
        "observing": .observing,
    ]

    private static let invariants: KeyValuePairs<String, Invariant> = [
        "everyCallHasOneOutcome": .everyCallHasOneOutcome, "noWrongData": .noWrongData,
        "noAnswerAfterDeadline": .noAnswerAfterDeadline, "attemptsWithinMaximum": .attemptsWithinMaximum,
        "atMostOnce": .atMostOnce, "transparentRetriesAreFree": .transparentRetriesAreFree,
        "allFaultsUndone": .allFaultsUndone, "nothingLeaked": .nothingLeaked,
    ]
}
