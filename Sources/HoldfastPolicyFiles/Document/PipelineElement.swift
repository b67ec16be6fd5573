public import Holdfast

/// One policy of a pipeline, as its file describes it.
public struct PipelineElement: Hashable, Sendable {
    /// The settings of each kind that a pipeline can hold.
    public enum Settings: Hashable, Sendable {
        /// A limit on how long what is further in may take.
        case timeout(Timeout.Configuration)
        /// Further attempts; with the name of a budget that others share, if it has one.
        case retry(Retry.Configuration, sharedBudget: String?)
        /// A breaker.
        case circuitBreaker(CircuitBreaker.Configuration)
        /// A quota.
        case rateLimiter(RateLimiter.Configuration)
        /// A limit on calls at once.
        case bulkhead(Bulkhead.Configuration)
        /// A limit on calls at once that follows the service.
        case adaptiveLimiter(AdaptiveLimiter.Configuration)
        /// Calls held back as a service turns them away.
        case throttle(AdaptiveThrottle.Configuration)
        /// Calls given up by how much they matter.
        case shed(LoadShedder.Configuration)
        /// Attempts beside a slow one; with the name of a budget that others share, if it has one.
        case hedge(Hedge.Configuration, sharedBudget: String?)
        /// Disturbances on purpose.
        case chaos(ChaosDefinition)
    }

    /// How many breakers an element is.
    public enum Scope: String, Hashable, Sendable, CaseIterable {
        /// One for all that the calls go to.
        case shared
        /// One for each endpoint of a client; see ``PolicyDocument/endpointBreaker()``.
        case endpoint
    }

    /// The name, unique within the pipeline; the kind (numbered if it stands twice) unless the file says otherwise.
    public let name: String
    /// What it does.
    public let settings: Settings
    /// Whether it takes part; one that does not is left out of the live pipeline. A chaos policy always takes part, see
    /// ``ChaosDefinition/isEnabled``.
    public let isEnabled: Bool
    /// The name under which it is one object for all policies that name it; nil for one of its own.
    public let shared: String?
    /// How many breakers it is; `shared` for every other kind.
    public let scope: Scope
    package let location: SourceLocation

    /// Describes a policy of a pipeline.
    /// - Parameters:
    ///   - name: not empty, without `/`, and unique within the pipeline.
    ///   - shared: for gates only.
    ///   - scope: for breakers only.
    public init(
        _ name: String, _ settings: Settings, isEnabled: Bool = true, shared: String? = nil, scope: Scope = .shared
    ) {
        self.init(name: name, settings: settings, isEnabled: isEnabled, shared: shared, scope: scope, location: .code)
    }

    init(name: String, settings: Settings, isEnabled: Bool, shared: String?, scope: Scope, location: SourceLocation) {
        self.name = name
        self.settings = settings
        self.isEnabled = isEnabled
        self.shared = shared
        self.scope = scope
        self.location = location
    }

    /// The kind.
    public var kind: PolicyKind { settings.kind }
}

extension PipelineElement.Settings {
    /// The kind.
    public var kind: PolicyKind {
        switch self {
        case .timeout: .timeout
        case .retry: .retry
        case .circuitBreaker: .circuitBreaker
        case .rateLimiter: .rateLimiter
        case .bulkhead: .bulkhead
        case .adaptiveLimiter: .adaptiveLimiter
        case .throttle: .throttle
        case .shed: .shed
        case .hedge: .hedge
        case .chaos: .chaos
        }
    }
}
