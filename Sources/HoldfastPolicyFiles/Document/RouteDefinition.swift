public import Holdfast

/// Which policy serves which methods.
public struct RouteDefinition: Hashable, Sendable {
    /// The methods.
    public let pattern: RoutePattern
    /// The name of the policy.
    public let policy: String
    /// Whether a call may be sent again although the server may have seen it; false by default.
    public let isIdempotent: Bool
    /// How soon calls are given up when resources run short; `critical` by default.
    public let criticality: Criticality
    package let location: SourceLocation

    /// Describes a route.
    public init(_ pattern: RoutePattern, policy: String, isIdempotent: Bool = false, criticality: Criticality = .critical) {
        self.init(pattern: pattern, policy: policy, isIdempotent: isIdempotent, criticality: criticality, location: .code)
    }

    init(pattern: RoutePattern, policy: String, isIdempotent: Bool, criticality: Criticality, location: SourceLocation) {
        self.pattern = pattern
        self.policy = policy
        self.isIdempotent = isIdempotent
        self.criticality = criticality
        self.location = location
    }
}
