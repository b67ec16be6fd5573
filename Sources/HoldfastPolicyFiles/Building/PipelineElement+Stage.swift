import Holdfast

extension PipelineElement.Settings {
    /// A fresh stage.
    /// - Parameters:
    ///   - name: what rejections and events call it.
    ///   - budget: the one that a retry or a hedge shares with others; nil for one of its own.
    ///   - chaos: what a chaos policy injects.
    func stage(_ name: String, _ options: PolicyOptions, budget: RetryBudget?, chaos: Chaos.Configuration?) -> Pipeline.Stage {
        let (time, random) = (options.timeSource, options.random)
        return switch self {
        case .timeout(let configuration): .timeout(Timeout(name, configuration, timeSource: time))
        case .retry(let configuration, _): .retry(Retry(name, configuration, budget: budget, timeSource: time, random: random))
        case .hedge(let configuration, _): .hedge(Hedge(name, configuration, budget: budget, timeSource: time))
        case .chaos: .chaos(Chaos(name, chaos ?? Chaos.Configuration(), timeSource: time, random: random))
        case .circuitBreaker(let configuration): .gate(CircuitBreaker(name, configuration, timeSource: time, random: random))
        case .rateLimiter(let configuration): .gate(RateLimiter(name, configuration, timeSource: time))
        case .bulkhead(let configuration): .gate(Bulkhead(name, configuration, timeSource: time))
        case .adaptiveLimiter(let configuration): .gate(AdaptiveLimiter(name, configuration, timeSource: time, random: random))
        case .throttle(let configuration): .gate(AdaptiveThrottle(name, configuration, timeSource: time, random: random))
        case .shed(let configuration): .gate(LoadShedder(name, configuration, timeSource: time))
        }
    }

    /// The budget that a retry or a hedge shares, by its name; nil for one that nobody shares.
    var sharedBudget: (name: String, configuration: RetryBudget.Configuration)? {
        let (name, configuration): (String?, RetryBudget.Configuration?) =
            switch self {
            case .retry(let retry, let shared): (shared, retry.budget)
            case .hedge(let hedge, let shared): (shared, hedge.budget)
            default: (nil, nil)
            }
        guard let name, let configuration else { return nil }
        return (name, configuration)
    }
}
