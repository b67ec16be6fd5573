import Holdfast

/// How many attempts the service sees for each call.
public struct LoadForecast: Hashable, Sendable {
    /// The most attempts that one call makes.
    public let mostAttempts: AttemptCount
    /// Attempts for each call while every one fails at once for a long time, and before any breaker opens; nil if that depends on how
    /// many calls come and nobody said.
    public let sustained: Double?

    init(_ policy: PolicyDefinition, mostAttempts: AttemptCount, isIdempotent: Bool, callsPerSecond: Double?) {
        self.mostAttempts = mostAttempts
        let failure = SampleError(code: .unavailable)
        var sustained: Double? = 1
        for element in policy.enabledElements where isIdempotent {
            let (extra, budget): (Int, RetryBudget.Configuration?)
            switch element.settings {
            case .retry(let retry, _) where retry.on.matches(failure): (extra, budget) = (retry.maxAttempts - 1, retry.budget)
            case .hedge(let hedge, _): (extra, budget) = (hedge.maxExtra, hedge.budget)
            default: continue
            }
            let share = Self.share(of: budget, callsPerSecond).map { min(Double(extra), $0) }
            sustained = sustained.flatMap { total in share.map { total * (1 + $0) } }
        }
        self.sustained = sustained
    }

    /// How many further attempts a budget allows for each call when it is drawn on all the time.
    private static func share(of budget: RetryBudget.Configuration?, _ callsPerSecond: Double?) -> Double? {
        switch budget?.limit {
        case nil: .infinity
        case .grpcThrottle: 0
        case .tokenBucket(_, let tokensPerCall): tokensPerCall
        case .share(let ratio, let minimum, _): minimum == 0 ? ratio : callsPerSecond.map { ratio + minimum / $0 }
        }
    }
}
