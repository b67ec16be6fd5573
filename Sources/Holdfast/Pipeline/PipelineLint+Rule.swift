extension PipelineLint {
    /// What a lint looks for.
    public enum Rule: String, Hashable, Sendable, CaseIterable {
        /// Nothing in the pipeline ends a call that hangs.
        case noTimeout
        /// A timeout is not shorter than one around it.
        case timeoutNeverFires
        /// The attempts and waits of a retry do not fit the timeout around it.
        case retryCannotFit
        /// A retry's shortest wait is not shorter than the timeout around it.
        case retryNeverActs
        /// Nothing inside a retry ends an attempt that hangs.
        case retryWithoutTimeout
        /// Nothing limits the retries or hedges of all calls together.
        case withoutBudget
        /// A retry makes one attempt only.
        case singleAttempt
        /// A retry inside a retry.
        case nestedRetry
        /// A retry inside a hedge.
        case retryInsideHedge
        /// A hedge inside a hedge.
        case nestedHedge
        /// A retry tries again what a policy inside it refuses without a queue.
        case retriesRejections
        /// A hedge's delay is not shorter than an attempt may take.
        case hedgeNeverFires
        /// The last attempts of a hedge do not fit the timeout around it.
        case hedgeCannotFit
        /// A hedge starts all its attempts together.
        case hedgeAtOnce
        /// A breaker's threshold for slow calls is not shorter than a call may take.
        case slowCallsNeverCount
        /// A breaker opens although every call succeeds.
        case opensOnSuccess
        /// A breaker has no rule to open by.
        case neverOpens
        /// A breaker does not decide by itself.
        case breakerIsHeld
        /// A breaker sees one outcome for all attempts of a call.
        case breakerOutsideRetry
        /// A breaker's time window outlasts the outage it should catch.
        case noticesLate
        /// A breaker needs many more calls to close than to open.
        case probesAboveMinimum
        /// A breaker gives a probe up that may still answer.
        case leaseTooShort
        /// Several breakers count the same attempts.
        case breakersCountTheSame
        /// A queue without places, or without time to wait in it.
        case queueWithoutEffect
        /// A wait that is not shorter than the timeout around it.
        case waitBeyondTimeout
        /// Nothing ends a wait for a permit.
        case waitWithoutLimit
        /// A call that hangs holds its permit for ever.
        case permitHeldForever
        /// Calls that an open breaker refuses use up quota.
        case limiterOutsideBreaker
        /// A limit counts calls, not the attempts a retry makes of them.
        case gateOutsideRetry
        /// One gate stands at several places.
        case sharedGate
        /// Calls are broken on purpose.
        case chaosEnabled
    }
}
