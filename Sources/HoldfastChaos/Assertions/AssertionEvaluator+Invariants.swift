extension AssertionEvaluator {
    func evaluate(_ invariant: Invariant) -> Finding {
        switch invariant {
        case .everyCallHasOneOutcome: everyCallHasOneOutcome()
        case .noWrongData: count(invariant, of: \.wrongAnswers, "belonged to another request")
        case .noAnswerAfterDeadline: count(invariant, of: \.lateAnswers, "came after the deadline")
        case .attemptsWithinMaximum: attemptsWithinMaximum()
        case .atMostOnce: atMostOnce()
        case .transparentRetriesAreFree: transparentRetriesAreFree()
        case .allFaultsUndone: allFaultsUndone()
        case .nothingLeaked: nothingLeaked()
        }
    }

    private func everyCallHasOneOutcome() -> Finding {
        let offered = facts.offered.values.reduce(0, +)
        let recorded = recorder.loads.reduce(0) { $0 + recorder.recordedCalls(load: $1) }
        let repeated = recorder.loads.reduce(0) { $0 + recorder.repeatedCalls(load: $1) }
        let complaints = [
            offered == 0 ? "no calls were offered" : nil,
            recorded < offered ? "\(offered - recorded) of \(offered) calls had no outcome" : nil,
            recorded > offered ? "\(recorded - offered) calls had an outcome and were not offered" : nil,
            repeated > 0 ? "\(Figure.count(repeated, "outcome")) came after the first one of a call" : nil,
        ].compactMap(\.self)
        return finding(.everyCallHasOneOutcome, complaints, good: "each of \(Figure.count(offered, "call")) ended once")
    }

    private func count(_ invariant: Invariant, of figure: KeyPath<Aggregate, Int>, _ what: String) -> Finding {
        let all = recorder.everything()
        let bad = all[keyPath: figure]
        let answers = all.count(.success) + all.count(.fallback)
        var complaints: [String] = []
        if answers == 0 { complaints.append("nothing was answered, so nothing was checked") }
        if bad > 0 { complaints.append("\(bad) of \(Figure.count(answers, "answer")) \(what)") }
        return finding(invariant, complaints, good: "none of \(Figure.count(answers, "answer")) \(what)")
    }

    private func attemptsWithinMaximum() -> Finding {
        let all = recorder.everything()
        var complaints: [String] = []
        if all.calls == 0 { complaints.append("there were no calls") }
        if all.maximumAttempts > facts.maximumAttempts {
            complaints.append("a call was sent \(all.maximumAttempts) times, and the policies allow \(facts.maximumAttempts)")
        }
        return finding(
            .attemptsWithinMaximum, complaints, good: "at most \(Figure.count(all.maximumAttempts, "attempt")) a call")
    }

    private func atMostOnce() -> Finding {
        let calls = facts.writes.values.reduce(0) { $0 + $1.calls }
        let repeated = facts.writes.values.reduce(0) { $0 + $1.repeated }
        var complaints: [String] = []
        if facts.writes.isEmpty {
            complaints.append("the route of every load is idempotent, so nothing was checked")
        } else if calls == 0 {
            complaints.append("no such call was worked on, so nothing was checked")
        }
        if repeated > 0 { complaints.append("of \(Figure.count(calls, "call")) some were worked on again, \(repeated) times in all") }
        return finding(.atMostOnce, complaints, good: "each of \(Figure.count(calls, "call")) was worked on once")
    }

    private func transparentRetriesAreFree() -> Finding {
        let all = recorder.everything()
        let again = Figure.count(all.resends, "attempt")
        var complaints: [String] = []
        if all.resends == 0 { complaints.append("the transport sent nothing again by itself, so nothing was checked") }
        if all.dearResends > 0 { complaints.append("\(Figure.count(all.dearResends, "call")) had more attempts than were begun") }
        return finding(.transparentRetriesAreFree, complaints, good: "\(again) sent again by the transport cost nothing")
    }

    private func allFaultsUndone() -> Finding {
        let faults = facts.faults.filter { $0.obstacle == nil }
        let left = faults.filter { !$0.isUndone }.map(\.id)
        var complaints: [String] = []
        if faults.isEmpty { complaints.append("no fault came into force, so none was undone") }
        if !left.isEmpty { complaints.append("not undone: \(left.joined(separator: ", "))") }
        return finding(.allFaultsUndone, complaints, good: "\(Figure.count(faults.count, "fault")) undone")
    }

    private func nothingLeaked() -> Finding {
        finding(.nothingLeaked, facts.leaks, good: "nothing was left behind")
    }

    private func finding(_ invariant: Invariant, _ complaints: [String], good: String) -> Finding {
        let observed = complaints.isEmpty ? good : complaints.joined(separator: "; ")
        return Finding(
            passed: complaints.isEmpty, subject: invariant.rawValue, observed: observed, required: invariant.rule,
            sentence: "\(invariant.rawValue) \(complaints.isEmpty ? "held" : "did not hold"): \(observed).")
    }
}
