/// One decision of one policy.
public struct PolicyEvent: Sendable {
    /// What was decided.
    public enum Decision: Sendable {
        /// A circuit breaker changed its state; the sentence says why.
        case stateChanged(from: CircuitBreaker.State, to: CircuitBreaker.State, because: String)
        /// A gate refused a call.
        case rejected(Rejection.Reason, retryAfter: Duration?)
        /// An observing circuit breaker let a call through that it would have refused.
        case wouldHaveRejected(Rejection.Reason)
        /// A result came from an earlier state and changed nothing.
        case staleResult(Outcome)
        /// A half-open breaker's probe did not come back in time; it counts as a failure and its slot is free again.
        case leaseExpired
        /// A timeout, or the caller's deadline, ended an attempt.
        case timedOut(TimeoutError)
        /// A fallback step answered in place of a failure.
        case fellBack(step: String, failure: any Error)
        /// A new configuration is in force.
        case reconfigured
    }

    /// The name of the policy.
    public let policy: String
    /// Its kind.
    public let kind: PolicyKind
    /// When it decided, on the policy's clock.
    public let at: Instant
    /// What it decided.
    public let decision: Decision

    /// Makes an event.
    public init(policy: String, kind: PolicyKind, at: Instant, decision: Decision) {
        self.policy = policy
        self.kind = kind
        self.at = at
        self.decision = decision
    }
}
