public import Holdfast

/// What a caller sees when something goes wrong.
public struct CallerView: Hashable, Sendable {
    /// What goes wrong: `circuitBreaker is open`.
    public let situation: String
    /// The status that the call ends with.
    public let code: StatusCode
    /// The longest that the caller is told to stay away; nil when it is told nothing.
    public let retryAfter: Duration?
    /// The words of the error, as far as they are known beforehand.
    public let text: String
    /// Whether the fallback answers in its place.
    public let isAnswered: Bool

    init(_ situation: String, _ error: any StatusError, _ text: String, retryAfter: Duration? = nil, _ fallback: FallbackDefinition?) {
        self.situation = situation
        code = error.code
        self.retryAfter = retryAfter
        self.text = text
        isAnswered = fallback?.answers(error) ?? false
    }
}

extension CallerView {
    /// One view for each way in which a call of the policy can end badly, outermost element first.
    static func all(of policy: PolicyDefinition) -> [CallerView] {
        let fallback = policy.fallback.flatMap { $0.isEnabled ? $0 : nil }
        var views = policy.enabledElements.flatMap { element in
            refusals(by: element, of: policy).map { situation, reason, retryAfter in
                let name = element.shared ?? "\(policy.name)/\(element.name)"
                let rejection = Rejection(policy: name, kind: element.kind, reason: reason)
                return CallerView(situation, rejection, "\(rejection)", retryAfter: retryAfter, fallback)
            }
        }
        for (index, element) in policy.enabledElements.enumerated() {
            guard case .timeout(let timeout) = element.settings else { continue }
            let isInner = policy.enabledElements[..<index].contains { $0.kind == .timeout }
            let error = TimeoutError(
                policy: "\(policy.name)/\(element.name)", scope: isInner ? .attempt : .total, after: timeout.after)
            views.append(CallerView("\(element.name) runs out", error, "\(error)", fallback))
        }
        let retries = policy.enabledElements.contains {
            if case .retry(let retry, _) = $0.settings { retry.maxAttempts > 1 } else { false }
        }
        views.append(
            CallerView(
                retries ? "all attempts fail" : "the service fails", SampleError(code: .unavailable),
                retries ? "the error of the last attempt" : "the service's own error", fallback))
        views.append(
            CallerView("the caller is to blame", SampleError(code: .invalidArgument), "the service's own error", fallback))
        return views
    }

    private typealias Refusal = (situation: String, reason: Rejection.Reason, retryAfter: Duration?)

    private static func refusals(by element: PipelineElement, of policy: PolicyDefinition) -> [Refusal] {
        let name = element.name
        switch element.settings {
        case .circuitBreaker(let breaker):
            switch breaker.mode {
            case .isolated: return [("\(name) is isolated", .isolated, nil)]
            case .disabled, .observing: return []
            case .automatic:
                let ramping: [Refusal] = breaker.rampAfterClose > .zero ? [("\(name) has just closed", .ramping, nil)] : []
                return [("\(name) is open", .open, breaker.open.max), ("\(name) probes the service", .probing, nil)] + ramping
            }
        case .rateLimiter(let limiter):
            let full: [Refusal] =
                limiter.maxQueued > 0 && limiter.maxWait > .zero ? [("the queue of \(name) is full", .queueFull, limiter.longestPause)] : []
            return [("the quota of \(name) is used up", .quota, limiter.longestPause)] + full
        case .bulkhead(let bulkhead):
            return bulkhead.maxQueued > 0 && bulkhead.maxWait > .zero
                ? [("the queue of \(name) is full", .queueFull, nil), ("no place in \(name) in time", .waitedTooLong, nil)]
                : [("\(name) is full", .full, nil)]
        case .adaptiveLimiter(let limiter):
            return limiter.maxQueued > 0
                ? [("the queue of \(name) is full", .queueFull, nil), ("no place in \(name) in time", .waitedTooLong, nil)]
                : [("\(name) is full", .full, nil)]
        case .throttle: return [("\(name) holds the call back", .throttled, nil)]
        case .shed: return [("\(name) gives the call up", .shed, nil)]
        case .timeout, .retry, .hedge, .chaos: return []
        }
    }
}

extension FallbackDefinition {
    /// Whether it answers that failure.
    func answers(_ failure: any Error) -> Bool {
        if let on { return on.matches(failure) }
        switch Classification.standard.outcome(of: failure) {
        case .failure, .ignored: return true
        case .success, .cancelled: return false
        }
    }
}

extension RateLimiter.Configuration {
    /// How long a call that finds no permit is told to wait at most, when nobody waits before it.
    fileprivate var longestPause: Duration {
        let slowest = warmUp?.from ?? 1
        switch algorithm {
        case .tokenBucket(let permits, let per, _), .pacing(let permits, let per):
            return .nanoseconds(Int64(saturating: (per.seconds * 1e9 / Double(permits) / slowest).rounded(.up)))
        case .slidingWindow(_, let per), .fixedWindow(_, let per): return per
        }
    }
}
