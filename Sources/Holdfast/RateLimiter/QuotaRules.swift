/// A configuration as the call path wants it: in nanoseconds and units. One for all keys of a limiter.
struct QuotaRules: Equatable {
    enum Kind { case bucket, slidingWindow, fixedWindow }

    let kind: Kind
    /// What a bucket is judged by. A fixed window is, within one window, a bucket without inflow.
    let terms: TokenBucket.Terms
    /// Permits per window.
    let permits: Int
    /// The length of a window.
    let period: Int64
    /// When the first fixed window began.
    let origin: Int64
    let warmUp: WarmUp?
    let maxWait: Int64
    let maxQueued: Int
    let maxKeys: Int
    let idleAfter: Int64

    /// Reckons the rules; fixed windows go on as they were if their length stays.
    init(_ configuration: RateLimiter.Configuration, now: Instant, replacing old: QuotaRules? = nil) {
        terms = configuration.terms
        switch configuration.algorithm {
        case .tokenBucket(let permits, let per, _), .pacing(let permits, let per):
            (kind, self.permits, period) = (.bucket, permits, per.nanoseconds)
        case .slidingWindow(let permits, let per):
            (kind, self.permits, period) = (.slidingWindow, permits, per.nanoseconds)
        case .fixedWindow(let permits, let per):
            (kind, self.permits, period) = (.fixedWindow, permits, per.nanoseconds)
        }
        if let old, old.kind == kind, old.period == period { origin = old.origin } else { origin = now.nanoseconds }
        warmUp = configuration.warmUp.map { WarmUp(over: $0.over.nanoseconds, from: $0.from) }
        maxWait = configuration.maxWait.nanoseconds
        maxQueued = configuration.maxQueued
        maxKeys = configuration.maxKeys
        idleAfter = configuration.idleAfter.nanoseconds
    }

    /// Whether calls may wait at all.
    var mayQueue: Bool { maxWait > 0 && maxQueued > 0 }

    /// What a cold bucket lacks: it begins with the share of its burst that the rate begins with, and with one permit at least.
    var coldDebt: Int64 {
        guard let warmUp else { return 0 }
        let level = max(Int64(saturating: Double(terms.capacity) * warmUp.from), terms.unit)
        return max(terms.capacity - level, 0)
    }
}
