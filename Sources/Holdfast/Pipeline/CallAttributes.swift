/// What a caller says about a call, for the policies that treat calls differently.
public struct CallAttributes: Hashable, Sendable {
    /// What limits may be keyed by; few calls say any of it, and those that do not pay for none of it.
    @usableFromInline
    final class Keys: Hashable, Sendable {
        let method: String?
        let peer: String?
        let metadata: [String: String]

        init(method: String?, peer: String?, metadata: [String: String]) {
            self.method = method
            self.peer = peer
            self.metadata = metadata
        }

        @usableFromInline
        static func == (lhs: Keys, rhs: Keys) -> Bool {
            lhs.method == rhs.method && lhs.peer == rhs.peer && lhs.metadata == rhs.metadata
        }

        @usableFromInline
        func hash(into hasher: inout Hasher) {
            hasher.combine(method)
            hasher.combine(peer)
            hasher.combine(metadata)
        }
    }

    /// How much the call matters when resources run short.
    public var criticality: Criticality
    /// Whether the call may run again although the service may have seen it.
    public var isIdempotent: Bool
    /// How many permits of a rate limiter the call costs; at least 1.
    public let weight: Int
    @usableFromInline let keys: Keys?

    /// Makes the attributes of a call of which nothing is said.
    @inlinable
    public init() {
        criticality = .critical
        isIdempotent = true
        weight = 1
        keys = nil
    }

    /// Makes attributes.
    /// - Parameters:
    ///   - criticality: critical by default.
    ///   - weight: 1 by default; less counts as 1.
    ///   - isIdempotent: true by default: who puts a retry around a closure says that it may run again. Calls of an RPC client say
    ///     it by their route, where it is false by default.
    ///   - method: what is called, for limits per method.
    ///   - peer: who calls or is called, for limits per peer.
    ///   - metadata: anything else that limits may be keyed by, such as a tenant.
    public init(
        criticality: Criticality = .critical, weight: Int = 1, isIdempotent: Bool = true, method: String? = nil,
        peer: String? = nil, metadata: [String: String] = [:]
    ) {
        self.criticality = criticality
        self.weight = max(weight, 1)
        self.isIdempotent = isIdempotent
        let hasKeys = method != nil || peer != nil || !metadata.isEmpty
        keys = hasKeys ? Keys(method: method, peer: peer, metadata: metadata) : nil
    }

    /// What is called, for limits per method.
    public var method: String? { keys?.method }
    /// Who calls or is called, for limits per peer.
    public var peer: String? { keys?.peer }
    /// Anything else that limits may be keyed by, such as a tenant.
    public var metadata: [String: String] { keys?.metadata ?? [:] }
}
