import Holdfast

/// One way in which a service can fail, and the attempts of a call while it does nothing else and budgets allow all of them.
struct Outage {
    /// How attempts fail, at once; nil for a service that hangs.
    let failure: SampleError?
    /// The most attempts.
    let attempts: AttemptCount

    /// A hang, and each failure that some retry or hedge of the policy treats in a way of its own; `UNAVAILABLE` first of those.
    static func all(of policy: PolicyDefinition, isIdempotent: Bool) -> [Outage] {
        ([nil] + SampleError.all(for: policy)).map { failure in
            let service = failure.map { CallSimulation.Service.fails($0, after: 0) } ?? .hangs
            var simulation = CallSimulation(policy, service, isIdempotent: isIdempotent, draw: .shortest, isBudgetAmple: true)
            return Outage(failure: failure, attempts: AttemptCount(simulation.run()))
        }
    }

    /// How many attempts the element adds at most to each that reaches it.
    ///
    /// - Parameter isEnded: whether something further in ends an attempt that hangs.
    func extraAttempts(by settings: PipelineElement.Settings, isEnded: Bool) -> Int {
        switch settings {
        case .retry(let retry, _):
            let error: (any Error)? = failure ?? (isEnded ? TimeoutError(policy: nil, scope: .attempt, after: .zero) : nil)
            return error.flatMap { retry.plan(for: $0) }.map { $0.maxAttempts - 1 } ?? 0
        case .hedge(let hedge, _):
            // One that fails at once is over before another starts beside it, unless the failure itself starts that.
            guard let failure, hedge.after != .fixed(.zero) else { return hedge.maxExtra }
            return hedge.end(with: failure) == .failed(.atOnce) ? hedge.maxExtra : 0
        default: return 0
        }
    }
}

/// An error of the service, for what depends on nothing but its code and on whether the connection failed.
struct SampleError: StatusError, Hashable {
    let code: StatusCode
    var isConnectionError = false

    /// `UNAVAILABLE`, and a sample of each failure that retries or hedges name and treat otherwise than those before it.
    static func all(for policy: PolicyDefinition) -> [SampleError] {
        let settings = policy.enabledElements.map(\.settings)
        let selectors = settings.flatMap { settings -> [FailureSelector] in
            switch settings {
            case .retry(let retry, _): [retry.on] + retry.rules.map(\.on)
            case .hedge(let hedge, _): hedge.nonFatal.map { [$0] } ?? []
            default: []
            }
        }
        let codes = StatusCode.allCases.filter { code in selectors.contains { $0.codes.contains(code) } }
        let connection = selectors.contains { $0.origins.contains(.connection) }
        let samples =
            [SampleError(code: .unavailable)] + codes.map { SampleError(code: $0) }
            + (connection ? [SampleError(code: .unavailable, isConnectionError: true)] : [])
        var treatments: Set<[Treatment]> = []
        return samples.filter { sample in
            treatments.insert(settings.compactMap { Treatment(of: sample, by: $0) }).inserted
        }
    }

    /// What an element does about a failure.
    private enum Treatment: Hashable {
        case retry(maxAttempts: Int, backoff: Backoff?)
        case hedge(HedgeStateMachine.End)

        init?(of failure: SampleError, by settings: PipelineElement.Settings) {
            switch settings {
            case .retry(let retry, _):
                let plan = retry.plan(for: failure)
                self = .retry(maxAttempts: plan?.maxAttempts ?? 1, backoff: plan?.backoff)
            case .hedge(let hedge, _): self = .hedge(hedge.end(with: failure))
            default: return nil
            }
        }
    }
}
