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
        /// A retry will make another attempt, number `attempt`, after a wait.
        case retrying(attempt: Int, after: Duration, failure: any Error)
        /// A retry made no further attempt although the failure is one it retries; the words say why.
        case retryStopped(because: String, failure: any Error)
        /// A hedge started another attempt beside those under way.
        case hedged(attempt: Int)
        /// A limit that follows the service's health changed.
        case limitChanged(from: Int, to: Int)
        /// Calls that matter no more than `to` are given up from now on; nil for none.
        case levelChanged(from: Criticality?, to: Criticality?, because: String)
        /// A chaos policy injected what is named: `fault`, `latency`, `outcome` or `behavior`.
        case injected(String)
        /// An operation that did not end in time was left behind.
        case abandoned
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
