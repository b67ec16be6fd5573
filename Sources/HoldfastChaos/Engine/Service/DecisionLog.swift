import Holdfast

/// What faults did to attempts, kept until somebody asks.
final class DecisionLog: Sendable {
    private let kept = Locked<[AttemptDecision]>([])

    func note(_ decision: AttemptDecision) {
        kept.withLock { $0.append(decision) }
    }

    /// What was noted since this was last asked, in order.
    func take() -> [AttemptDecision] {
        kept.withLock { kept in
            defer { kept = [] }
            return kept
        }
    }
}
