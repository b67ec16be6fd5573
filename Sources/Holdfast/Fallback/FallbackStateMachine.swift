/// The fallback's decisions: which step is tried next. A value, without a clock, a lock, a cache or a wait.
struct FallbackStateMachine<Key: Hashable & Sendable, Value: Sendable> {
    enum Action {
        /// Answer with the last good answer, if there is one not older than `maxAge`.
        case recall(step: Int, maxAge: Duration)
        /// Answer with that value.
        case answer(Value, step: Int)
        /// Ask the step's closure.
        case compute(step: Int)
        /// No step is left.
        case exhausted
    }

    let steps: [Fallback<Key, Value>.Step]

    /// What to do at that step, or at the first one after it that may do anything.
    /// - Parameter pastDeadline: then only what costs no time may answer (S35).
    func next(from step: Int, pastDeadline: Bool) -> Action {
        for index in step..<max(steps.count, step) {
            switch steps[index] {
            case .lastGood(let maxAge, _): return .recall(step: index, maxAge: maxAge)
            case .value(let value): return .answer(value, step: index)
            case .handler, .target: if !pastDeadline { return .compute(step: index) }
            }
        }
        return .exhausted
    }
}
