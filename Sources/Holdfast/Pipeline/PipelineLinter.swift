/// Reads the settings of a pipeline's stages and collects what is doubtful about them.
///
/// Times are nanoseconds, and sums saturate, so what is said about them is exact.
struct PipelineLinter {
    /// The settings that lints go by, read once.
    enum Settings {
        case timeout(Timeout.Configuration, mayShorten: Bool)
        case retry(Retry.Configuration, hasBudget: Bool)
        case hedge(Hedge.Configuration, hasBudget: Bool)
        case breaker(CircuitBreaker.Configuration)
        case rateLimiter(RateLimiter.Configuration)
        case bulkhead(Bulkhead.Configuration)
        case adaptiveLimiter(AdaptiveLimiter.Configuration)
        case chaos(Chaos.Configuration, isEnabled: Bool)
        /// Never makes a call wait.
        case instant
        /// A gate of somebody else's.
        case unknown
    }

    struct Stage {
        let index: Int
        let policy: any Policy
        /// What messages call it: the kind, the name if that says more, the place if it takes that to tell it from others.
        let label: String
        let settings: Settings
    }

    /// A timeout and how long it gives at most.
    struct Limit {
        let stage: Stage
        let nanoseconds: Int64
    }

    let stages: [Stage]
    private var lints: [PipelineLint] = []

    init(_ stages: [Pipeline.Stage]) {
        let labels = stages.map { stage in
            let (kind, name) = (stage.policy.kind, stage.policy.name)
            return name == kind.rawValue ? name : "\(kind) \"\(name)\""
        }
        var uses: [String: Int] = [:]
        for label in labels { uses[label, default: 0] += 1 }
        self.stages = stages.enumerated().map { index, stage in
            let label = uses[labels[index]] == 1 ? labels[index] : "\(labels[index]) [\(index)]"
            return Stage(index: index, policy: stage.policy, label: label, settings: Settings(stage))
        }
    }

    /// By the first stage they are about; those about all of the pipeline first.
    var sortedLints: [PipelineLint] {
        lints.enumerated().sorted { a, b in
            (a.element.stages.first ?? -1, a.offset) < (b.element.stages.first ?? -1, b.offset)
        }.map(\.element)
    }

    mutating func add(
        _ rule: PipelineLint.Rule, _ level: PipelineLint.Level, _ stages: [Stage], _ problem: String, _ explanation: String
    ) {
        lints.append(
            PipelineLint(rule: rule, level: level, stages: stages.map(\.index), problem: problem, explanation: explanation))
    }

    // MARK: What limits what

    func outside(_ stage: Stage) -> ArraySlice<Stage> { stages[..<stage.index] }

    func inside(_ stage: Stage) -> ArraySlice<Stage> { stages[(stage.index + 1)...] }

    /// The shortest timeout around a stage, the outermost of several.
    func limit(around stage: Stage) -> Limit? { Self.shortest(outside(stage)) }

    /// The shortest timeout inside a stage.
    func limit(inside stage: Stage) -> Limit? { Self.shortest(inside(stage)) }

    private static func shortest(_ stages: ArraySlice<Stage>) -> Limit? {
        var shortest: Limit?
        for stage in stages {
            guard case .timeout(let timeout, _) = stage.settings, timeout.nanoseconds < shortest?.nanoseconds ?? .max else { continue }
            shortest = Limit(stage: stage, nanoseconds: timeout.nanoseconds)
        }
        return shortest
    }

    /// The longest that a whole call may take; nil when nothing limits it.
    var longestCall: Int64? { longest(from: 0) }

    /// The longest that what is inside a stage may take; nil when nothing limits it.
    func longest(inside stage: Stage) -> Int64? { longest(from: stage.index + 1) }

    /// The longest that an attempt which passed a stage may take: by what is inside it and what is around it.
    func longest(past stage: Stage) -> Int64? {
        switch (longest(inside: stage), limit(around: stage)?.nanoseconds) {
        case (let inside?, let around?): min(inside, around)
        case (let inside, let around): inside ?? around
        }
    }

    private func longest(from index: Int) -> Int64? {
        guard index < stages.count else { return nil }
        let inner = longest(from: index + 1)
        if case .timeout(let timeout, _) = stages[index].settings { return min(timeout.nanoseconds, inner ?? .max) }
        guard let inner else { return nil }
        switch stages[index].settings {
        case .timeout, .breaker, .instant: return inner
        case .retry(let retry, _):
            // A service may ask for longer waits, and one attempt may be sent again besides.
            let asked = retry.retryAfterMax.nanoseconds.multipliedSaturating(by: retry.mostAttempts - 1)
            return RetryTimeline(retry, attempt: inner).end.addingSaturating(asked).addingSaturating(inner)
        case .hedge(let hedge, _):
            // The next attempt starts while one before it runs, at the latest when that ends.
            return inner.multipliedSaturating(by: hedge.maxExtra + 1)
        case .rateLimiter(let limiter): return inner.addingSaturating(limiter.maxQueued > 0 ? limiter.maxWait.nanoseconds : 0)
        case .bulkhead(let bulkhead): return inner.addingSaturating(bulkhead.maxQueued > 0 ? bulkhead.maxWait.nanoseconds : 0)
        case .adaptiveLimiter(let limiter): return limiter.maxQueued > 0 ? nil : inner
        case .chaos(let chaos, let isEnabled):
            guard isEnabled else { return inner }
            return chaos.behavior == nil ? inner.addingSaturating(chaos.latency?.delay.nanoseconds ?? 0) : nil
        case .unknown: return nil
        }
    }
}

extension PipelineLinter.Settings {
    init(_ stage: Pipeline.Stage) {
        switch stage {
        case .timeout(let timeout): self = .timeout(timeout.configuration, mayShorten: timeout.mayShorten)
        case .retry(let retry): self = .retry(retry.configuration, hasBudget: retry.budget.configuration != nil)
        case .hedge(let hedge): self = .hedge(hedge.configuration, hasBudget: hedge.budget.configuration != nil)
        case .chaos(let chaos): self = .chaos(chaos.configuration, isEnabled: chaos.isEnabled)
        case .gate(let gate):
            switch gate {
            case let breaker as CircuitBreaker: self = .breaker(breaker.configuration)
            case let limiter as RateLimiter: self = .rateLimiter(limiter.configuration)
            case let bulkhead as Bulkhead: self = .bulkhead(bulkhead.configuration)
            case let limiter as AdaptiveLimiter: self = .adaptiveLimiter(limiter.configuration)
            case is AdaptiveThrottle, is LoadShedder: self = .instant
            default: self = .unknown
            }
        }
    }
}

extension Int64 {
    fileprivate func multipliedSaturating(by factor: Int) -> Int64 {
        let (product, overflow) = multipliedReportingOverflow(by: Int64(factor))
        return overflow ? .max : product
    }
}
