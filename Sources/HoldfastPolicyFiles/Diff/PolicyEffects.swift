import Holdfast

/// What the changes of one policy mean for its calls, in sentences.
enum PolicyEffects {
    /// - Parameter isIdempotent: whether calls may run twice, before and after.
    static func of(
        _ old: PolicyDefinition, _ new: PolicyDefinition, isIdempotent: (old: Bool, new: Bool)
    ) -> [String] {
        let before = CallForecast(old, isIdempotent: isIdempotent.old)
        let after = CallForecast(new, isIdempotent: isIdempotent.new)
        return callEffects(before, after) + stateEffects(old, new)
    }

    private static func callEffects(_ old: CallForecast, _ new: CallForecast) -> [String] {
        let times = [
            ("worst case", words(for: old.worstCase), words(for: new.worstCase)),
            ("if the service hangs", words(for: old.hang), words(for: new.hang)),
        ].compactMap { name, old, new in old == new ? nil : "\(name): \(old) -> \(new)" }
        let attempts =
            old.mostAttempts == new.mostAttempts
            ? [] : ["attempts for a call: \(old.mostAttempts.isExact ? "at most " : "")\(old.mostAttempts) -> \(new.mostAttempts)"]
        let answered = new.views.filter { view in
            old.views.contains { $0.situation == view.situation && $0.isAnswered != view.isAnswered }
        }.map { "if \($0.situation): \($0.isAnswered ? "error -> the fallback's answer" : "the fallback's answer -> error")" }
        return times + attempts + answered
    }

    private static func words(for end: Duration?) -> String { end.map(Words.time) ?? "no end" }

    private static func words(for timeline: CallTimeline) -> String {
        timeline.isComplete ? words(for: timeline.end) : "\(AttemptCount(timeline)) attempts"
    }

    /// What a reload does to the state of the elements that changed (S80, S81).
    private static func stateEffects(_ old: PolicyDefinition, _ new: PolicyDefinition) -> [String] {
        let before = Dictionary(old.pipeline.map { ($0.name, $0) }) { first, _ in first }
        let kept = Set(new.pipeline.map { [$0.name, $0.kind.rawValue] })
        let gone = old.enabledElements.filter { $0.shared == nil && !kept.contains([$0.name, $0.kind.rawValue]) }
        let elements: [String] = new.pipeline.compactMap { element in
            guard let old = before[element.name], old.kind == element.kind else {
                return newcomerEffect(element, gone).map { "\(element.name) \($0)" }
            }
            return old.fields == element.fields ? nil : stateEffect(old, element).map { "\(element.name) \($0)" }
        }
        guard let before = old.fallback, let after = new.fallback, before.name == after.name,
            before.metadata ?? [] != after.metadata ?? []
        else { return elements }
        return elements + ["\(after.name) forgets the answers that it keeps, since calls are told apart by other metadata"]
    }

    /// What to know of an element that was not there: state goes by the name, so one that is called otherwise now has lost it.
    private static func newcomerEffect(_ element: PipelineElement, _ gone: [PipelineElement]) -> String? {
        guard element.isEnabled else { return nil }
        switch element.settings {
        case .circuitBreaker, .rateLimiter, .bulkhead, .adaptiveLimiter, .throttle, .shed:
            guard element.shared == nil, let old = gone.first(where: { $0.kind == element.kind }) else { return nil }
            return "begins anew: state is kept by name, and \(old.name) is gone"
        case .chaos(let chaos): return chaos.isEnabled ? chaosIsOn : nil
        case .timeout, .retry, .hedge: return nil
        }
    }

    private static let chaosIsOn = "is on: it breaks calls on purpose"

    private static func stateEffect(_ old: PipelineElement, _ new: PipelineElement) -> String? {
        guard old.shared == new.shared else { return "begins anew, since it is shared with others than before" }
        guard old.isEnabled, new.isEnabled else { return old.isEnabled ? "is off, and forgets its state" : newcomerEffect(new, []) }
        switch (old.settings, new.settings) {
        case (.circuitBreaker(let old), .circuitBreaker(let new)):
            return old.window == new.window
                ? "keeps its state and its counts" : "keeps its state, but forgets its counts, since its window has another shape"
        case (.rateLimiter(let old), .rateLimiter(let new)):
            return old.key == new.key
                ? "keeps what is saved up, as far as it fits"
                : "begins anew, with all its permits, since calls are told apart by something else"
        case (.bulkhead, .bulkhead): return "keeps counting the calls that run"
        case (.adaptiveLimiter(let old), .adaptiveLimiter(let new)):
            return old.algorithm.isLike(new.algorithm) ? "keeps its limit, within the new bounds" : "keeps its limit, but measures anew"
        case (.throttle(let old), .throttle(let new)):
            return old.window == new.window ? "keeps its counts" : "forgets its counts, since its window has another length"
        case (.shed, .shed): return "keeps its level"
        case (.retry(_, let old), .retry(_, let new)), (.hedge(_, let old), .hedge(_, let new)):
            return old == new ? nil : "draws on another budget, which begins anew unless others use it already"
        case (.chaos(let old), .chaos(let new)):
            guard old.isEnabled != new.isEnabled else { return nil }
            return new.isEnabled ? chaosIsOn : "is off: it breaks no calls any more"
        default: return nil
        }
    }
}

extension AdaptiveLimiter.Configuration.Algorithm {
    fileprivate func isLike(_ other: Self) -> Bool {
        switch (self, other) {
        case (.aimd, .aimd), (.vegas, .vegas), (.gradient2, .gradient2): true
        default: false
        }
    }
}
