public import Holdfast

/// One policy of a pipeline, as its file describes it.
public struct PipelineElement: Hashable, Sendable {
    /// The settings of each kind that a pipeline can hold.
    public enum Settings: Hashable, Sendable {
        /// A limit on how long what is further in may take.
        case timeout(Timeout.Configuration)
        /// A breaker.
        case circuitBreaker(CircuitBreaker.Configuration)
        /// A quota.
        case rateLimiter(RateLimiter.Configuration)
    }

    /// The name, unique within the pipeline; the kind (numbered if it stands twice) unless the file says otherwise.
    public let name: String
    /// What it does.
    public let settings: Settings
    /// Whether it takes part; one that does not is left out of the live pipeline.
    public let isEnabled: Bool
    /// The name under which it is one object for all policies that name it; nil for one of its own.
    public let shared: String?
    let location: SourceLocation

    /// The kind.
    public var kind: PolicyKind {
        switch settings {
        case .timeout: .timeout
        case .circuitBreaker: .circuitBreaker
        case .rateLimiter: .rateLimiter
        }
    }
}
