import Holdfast

/// What a policy does to one call, as far as that depends on nothing but the policy; cheap enough to be asked at each reload.
struct CallForecast {
    /// The longest that a call takes until the policies end it; nil when nothing ends it.
    let longest: Duration?
    /// How long the fallback may take after that; nil when nothing but the caller's deadline ends it.
    let longestFallback: Duration?
    /// A call while the service never answers, with the longest waits.
    let hang: CallTimeline
    /// A call while the service fails at once, with the longest waits; in the way that makes for the most attempts.
    let failure: CallTimeline
    /// The ways in which the service can fail.
    let outages: [Outage]
    /// The most attempts that one call makes.
    var mostAttempts: AttemptCount { outages.map(\.attempts).max()! }
    /// The longest with the fallback.
    var worstCase: Duration? { longest.flatMap { longest in longestFallback.map { longest + $0 } } }
    /// What callers see.
    let views: [CallerView]

    /// - Parameter isIdempotent: whether calls may run twice.
    init(_ policy: PolicyDefinition, isIdempotent: Bool) {
        longest = policy.model().longestNanoseconds.map { .nanoseconds($0) }
        let fallback = policy.fallback.flatMap { $0.isEnabled ? $0 : nil }
        longestFallback = fallback.map(\.longest) ?? .zero
        func timeline(_ service: CallSimulation.Service) -> CallTimeline {
            var simulation = CallSimulation(policy, service, isIdempotent: isIdempotent, isBudgetAmple: true)
            return simulation.run()
        }
        outages = Outage.all(of: policy, isIdempotent: isIdempotent)
        hang = timeline(.hangs)
        let failures = outages.compactMap { outage in outage.failure.map { (error: $0, attempts: outage.attempts) } }
        // The first of those with the most attempts.
        let worst = failures.reversed().max { $0.attempts < $1.attempts }!
        failure = timeline(.fails(worst.error, after: 0))
        views = CallerView.all(of: policy)
    }
}

extension FallbackDefinition {
    /// How long its steps may take together, since each that fails leads to the next; nil when one has no limit but the caller's deadline.
    fileprivate var longest: Duration? {
        var longest = Duration.zero
        for step in steps {
            switch step.action {
            // An answer that is at hand takes no time.
            case .lastGood, .value: continue
            case .target(_, let timeout?): longest += timeout
            case .target(_, nil), .handler: return nil
            }
        }
        return longest
    }
}
