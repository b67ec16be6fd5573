/// What a caller says about a call, for the policies that treat calls differently.
public struct CallAttributes: Hashable, Sendable {
    /// How much the call matters when resources run short.
    public var criticality: Criticality
    /// How many permits of a rate limiter the call costs; at least 1.
    public var weight: Int
    /// Whether the call may run again although the service may have seen it.
    public var isIdempotent: Bool
    /// What is called, for limits per method.
    public var method: String?
    /// Who calls or is called, for limits per peer.
    public var peer: String?
    /// Anything else that limits may be keyed by, such as a tenant.
    public var metadata: [String: String]

    /// Makes attributes.
    /// - Parameters:
    ///   - criticality: critical by default.
    ///   - weight: 1 by default; less counts as 1.
    ///   - isIdempotent: true by default: who puts a retry around a closure says that it may run again. Calls of an RPC client say
    ///     it by their route, where it is false by default.
    public init(
        criticality: Criticality = .critical, weight: Int = 1, isIdempotent: Bool = true, method: String? = nil,
        peer: String? = nil, metadata: [String: String] = [:]
    ) {
        self.criticality = criticality
        self.weight = max(weight, 1)
        self.isIdempotent = isIdempotent
        self.method = method
        self.peer = peer
        self.metadata = metadata
    }
}
