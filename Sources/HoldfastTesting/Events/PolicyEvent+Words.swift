public import Holdfast

extension PolicyEvent {
    /// One line: when, which policy, and what it decided, as in `1.5 seconds circuitBreaker "say": closed -> open`.
    public var line: String {
        "\(Duration.nanoseconds(at.nanoseconds)) \(kind) \"\(policy)\": \(decision.words)"
    }
}

extension PolicyEvent.Decision {
    /// What was decided, in few words.
    public var words: String {
        switch self {
        case .stateChanged(let from, let to, _): "\(from.rawValue) -> \(to.rawValue)"
        case .rejected(let reason, let retryAfter): "rejected: \(reason)" + (retryAfter.map { ", retry after \($0)" } ?? "")
        case .wouldHaveRejected(let reason): "would have rejected: \(reason)"
        case .staleResult(let outcome): "stale \(outcome.rawValue)"
        case .leaseExpired: "lease expired"
        case .timedOut(let error): "timed out: \(error.scope.rawValue) after \(error.after)"
        case .retrying(let attempt, let after, let failure): "attempt \(attempt) in \(after): \(failure)"
        case .retryStopped(let reason, let failure): "no further attempt: \(reason): \(failure)"
        case .hedged(let attempt): "hedged: attempt \(attempt)"
        case .limitChanged(let from, let to): "limit \(from) -> \(to)"
        case .levelChanged(let from, let to, _): "level \(from?.rawValue ?? "none") -> \(to?.rawValue ?? "none")"
        case .injected(let what): "injected: \(what)"
        case .abandoned: "abandoned"
        case .fellBack(let step, let failure): "fell back to \(step): \(failure)"
        case .reconfigured: "reconfigured"
        }
    }
}
