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
    let location: SourceLocation
}
