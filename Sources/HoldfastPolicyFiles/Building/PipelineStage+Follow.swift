import Holdfast

extension Pipeline.Stage {
    /// A stage that goes on under new settings, and what puts them in force once the whole document is found right.
    typealias Following = (stage: Pipeline.Stage, change: (@Sendable () -> Void)?)

    /// This stage under new settings, with the state that it has.
    ///
    /// Settings that mean the same leave it alone, so that what an operator did by hand stays as it is.
    /// - Parameters:
    ///   - old: the settings that the stage has.
    ///   - isSame: whether both mean the same.
    ///   - budget: the shared budget that a retry or a hedge is to have; nil for one of its own.
    ///   - chaos: what a chaos policy is to inject.
    /// - Returns: nil if it cannot follow, and another must take its place.
    func following(
        _ new: PipelineElement.Settings, from old: PipelineElement.Settings, isSame: Bool, budget: RetryBudget?,
        chaos: Chaos.Configuration?
    ) -> Following? {
        let change: @Sendable () -> Void
        switch (self, new, old) {
        case (.timeout(let timeout), .timeout(let new), _):
            guard !isSame else { break }
            let following = timeout.following(new)
            return (.timeout(following), { following.reportReconfigured() })
        case (.retry(let retry), .retry(let new, _), .retry(_, let shared)):
            guard budget == nil ? shared == nil : retry.budget === budget else { return nil }
            change = { retry.reconfigure(new) }
            return (self, isSame ? nil : change)
        case (.hedge(let hedge), .hedge(let new, _), .hedge(_, let shared)):
            guard budget == nil ? shared == nil : hedge.budget === budget else { return nil }
            change = { hedge.reconfigure(new) }
            return (self, isSame ? nil : change)
        case (.chaos(let policy), .chaos, _):
            guard let chaos else { return nil }
            change = { policy.reconfigure(chaos) }
            return (self, isSame ? nil : change)
        case (.gate(let gate), _, _):
            guard let change = Self.change(of: gate, to: new) else { return nil }
            return (self, isSame ? nil : change)
        default:
            return nil
        }
        return (self, nil)
    }

    /// What puts new settings of a gate in force; nil if they are not for such a gate.
    private static func change(of gate: any Gate, to settings: PipelineElement.Settings) -> (@Sendable () -> Void)? {
        switch (gate, settings) {
        case (let breaker as CircuitBreaker, .circuitBreaker(let new)):
            return { breaker.reconfigureAtOnce(new) }
        // What its calls are told apart by, a limiter keeps for life.
        case (let limiter as RateLimiter, .rateLimiter(let new)) where limiter.key == new.key:
            return { limiter.reconfigure(new) }
        case (let bulkhead as Bulkhead, .bulkhead(let new)):
            return { bulkhead.reconfigure(new) }
        case (let limiter as AdaptiveLimiter, .adaptiveLimiter(let new)):
            return { limiter.reconfigure(new) }
        case (let throttle as AdaptiveThrottle, .throttle(let new)):
            return { throttle.reconfigure(new) }
        case (let shedder as LoadShedder, .shed(let new)):
            return { shedder.reconfigure(new) }
        default: return nil
        }
    }
}
