import Holdfast

/// Progress as plain lines, one for each event and each second: for logs, pipes and CI.
package enum ProgressLine {
    /// A second of a run: `[ 12 s] fault: users 201/s, success 0 %, answered 100 %, p99 1.2 ms, 0.04 attempts per call, 3 under way`.
    package static func second(_ snapshot: ProgressSnapshot) -> String {
        let index = snapshot.timeline.index(at: snapshot.now)
        let phase = index.map { snapshot.timeline.phases[$0].name } ?? ""
        let loads = snapshot.loads.map { load in
            let parts = [
                "\(load.name) \(Figure.short(load.callsPerSecond, 0))/s",
                load.successRatio.map { "success \(Figure.percent($0))" },
                load.answeredRatio.map { "answered \(Figure.percent($0))" },
                load.p99.map { "p99 \(Figure.time($0))" },
                load.attemptsPerCall.map { "\(Figure.short($0)) attempts per call" },
                load.underWay > 0 ? "\(load.underWay) under way" : nil,
            ]
            return parts.compactMap(\.self).joined(separator: ", ")
        }
        let breakers = snapshot.breakers.map { breaker in
            "\(breaker.name) \((breaker.transitions.last?.state ?? .closed).rawValue)"
        }
        return "\(stamp(snapshot.now)) \(phase): \((loads + breakers).joined(separator: "; "))"
    }

    /// An event of the journal as a line; nil for seconds, which ``second(_:)`` shows.
    package static func event(_ event: JournalEvent) -> String? {
        let stamp = stamp(Int64(saturating: event.at * 1e9))
        switch event.payload {
        case .run(let scenario, let seed, _): return "\(scenario), seed \(seed)"
        case .variant(let name): return "variant \(name)"
        case .phase(let name): return "\(stamp) phase \(name)"
        case .reloaded(let policies): return "\(stamp) policies of \(policies)"
        case .faultStarted(let id): return "\(stamp) fault \(id) in force"
        case .faultEnded(let id, let hits): return "\(stamp) fault \(id) taken back, \(Figure.count(hits, "hit"))"
        case .faultProbed(let id, let isUndone): return "\(stamp) fault \(id) \(isUndone ? "undone" : "NOT undone")"
        case .transition(let breaker, let state): return "\(stamp) \(breaker) \(state.rawValue)"
        case .second, .replicas, .decision, .attemptDecision: return nil
        case .assertion(let result): return "\(result.passed ? "ok  " : "FAIL") \(result.id): \(result.sentence)"
        case .verdict(let variant, let verdict): return "\(variant): \(verdict.sentence)"
        case .problem(let sentence): return "\(stamp) \(sentence)"
        }
    }

    private static func stamp(_ nanoseconds: Int64) -> String {
        let text = Figure.decimal(Double(nanoseconds) / 1e9, 1)
        return "[\(String(repeating: " ", count: max(0, 6 - text.count)))\(text) s]"
    }
}
