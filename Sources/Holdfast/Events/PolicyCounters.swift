/// How often a policy decided what, since it was made. What a policy never decides stays zero.
public struct PolicyCounters: Hashable, Sendable {
    /// Attempts let through.
    public var admitted = 0
    /// Attempts refused.
    public var rejected = 0
    /// Attempts that ended as successes.
    public var succeeded = 0
    /// Attempts that ended as failures.
    public var failed = 0
    /// Attempts that said nothing about the service.
    public var ignored = 0
    /// Attempts whose caller went away.
    public var cancelled = 0
    /// Results that came from an earlier state and changed nothing.
    public var stale = 0
    /// Attempts that a timeout ended.
    public var timedOut = 0
    /// Operations that were left behind by an abandoning timeout and still run.
    public var abandoned = 0
    /// Attempts after the first that a retry made.
    public var retried = 0
    /// Attempts after the first that a hedge made.
    public var hedged = 0
    /// Failures that a fallback answered.
    public var fellBack = 0
    /// Faults, latencies and outcomes that a chaos policy injected.
    public var injected = 0

    /// Makes counters that are all zero.
    public init() {}
}
