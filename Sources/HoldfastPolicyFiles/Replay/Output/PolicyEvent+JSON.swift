import Holdfast

extension PolicyEvent {
    /// The event as a trace's output shows it.
    var json: JSONText {
        .object([("at", .milliseconds(at)), ("type", .string(decision.name))] + decision.fields)
    }
}

extension PolicyEvent.Decision {
    /// The case's name.
    fileprivate var name: String {
        String(String(describing: self).prefix { $0.isLetter })
    }

    /// What the case holds; those that hold nothing, and a policy's own, are told by their name.
    fileprivate var fields: [(String, JSONText)] {
        switch self {
        case .stateChanged(let from, let to, let because):
            [("from", .string(from.rawValue)), ("to", .string(to.rawValue)), ("because", .string(because))]
        case .rejected(let reason, let retryAfter):
            [("reason", .string(reason.rawValue)), ("retryAfter", .milliseconds(retryAfter))]
        case .wouldHaveRejected(let reason):
            [("reason", .string(reason.rawValue))]
        case .staleResult(let outcome):
            [("outcome", .string(outcome.rawValue))]
        case .retrying(let attempt, let after, let failure):
            [("attempt", .integer(attempt)), ("after", .milliseconds(after)), ("failure", .string("\(failure)"))]
        case .retryStopped(let because, let failure):
            [("because", .string(because)), ("failure", .string("\(failure)"))]
        case .hedged(let attempt):
            [("attempt", .integer(attempt))]
        case .limitChanged(let from, let to):
            [("from", .integer(from)), ("to", .integer(to))]
        case .levelChanged(let from, let to, let because):
            [("from", .string(from?.rawValue)), ("to", .string(to?.rawValue)), ("because", .string(because))]
        default: []
        }
    }
}
