import Holdfast

/// What a policy does to one call, as far as that depends on nothing but the policy; cheap enough to be asked at each reload.
struct CallForecast {
    /// The longest that a call takes until the policies end it; nil when nothing ends it.
    let longest: Duration?
    /// A call while the service never answers, with the longest waits.
    let hang: CallTimeline
    /// A call while the service fails at once, with the longest waits.
    let failure: CallTimeline
    /// The most attempts that one call makes.
    let mostAttempts: AttemptCount
    /// What callers see.
    let views: [CallerView]

    /// - Parameter isIdempotent: whether calls may run twice.
    init(_ policy: PolicyDefinition, isIdempotent: Bool) {
        longest = policy.model().longestNanoseconds.map { .nanoseconds($0) }
        func timeline(_ service: CallSimulation.Service, _ draw: CallSimulation.Draw) -> CallTimeline {
            var simulation = CallSimulation(policy, service, isIdempotent: isIdempotent, draw: draw, isBudgetAmple: true)
            return simulation.run()
        }
        let unavailable = CallSimulation.Service.fails(SampleError(code: .unavailable), after: 0)
        hang = timeline(.hangs, .longest)
        failure = timeline(unavailable, .longest)
        mostAttempts = max(AttemptCount(timeline(.hangs, .shortest)), AttemptCount(timeline(unavailable, .shortest)))
        views = CallerView.all(of: policy)
    }
}
