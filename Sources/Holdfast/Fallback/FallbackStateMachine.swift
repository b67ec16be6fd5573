/// The fallback's decisions: which step answers, from which cache. A value, without a clock, a lock or a wait.
struct FallbackStateMachine<Key: Hashable & Sendable, Value: Sendable> {
    enum Action {
        case answer(Value, step: Int)
        case compute(step: Int)
        case exhausted
    }

    private let steps: [Fallback<Key, Value>.Step]
    private var caches: [LastGoodCache<Key, Value>?]

    init(_ steps: [Fallback<Key, Value>.Step]) {
        self.steps = steps
        caches = steps.map { step in
            guard case .lastGood(let maxAge, let maxEntries) = step else { return nil }
            return LastGoodCache(maxAge: maxAge, maxEntries: maxEntries)
        }
    }

    /// Keeps a good answer for later.
    mutating func remember(_ value: Value, for key: Key, _ now: Instant) {
        for index in caches.indices where caches[index] != nil {
            caches[index]!.store(value, for: key, now)
        }
    }

    /// What to do at that step or the first one after it that can do anything.
    /// - Parameter pastDeadline: then only what costs no time may answer (S35).
    mutating func next(from step: Int, key: Key, _ now: Instant, pastDeadline: Bool) -> Action {
        for index in step..<max(steps.count, step) {
            switch steps[index] {
            case .lastGood:
                if let value = caches[index]?.value(for: key, now) { return .answer(value, step: index) }
            case .value(let value):
                return .answer(value, step: index)
            case .handler:
                if !pastDeadline { return .compute(step: index) }
            }
        }
        return .exhausted
    }
}
