public import Holdfast

/// What applies to the calls of one route: the policies, and what answers when they fail.
public struct RoutePolicy: Sendable {
    /// What a last good answer is kept by: an answer never serves another method or request.
    public struct FallbackKey: Hashable, Sendable {
        /// The method, `/package.Service/Method`.
        public let path: String
        /// The request message as bytes.
        public let request: [UInt8]

        /// Makes a key.
        public init(path: String, request: [UInt8]) {
            self.path = path
            self.request = request
        }

        /// Hashes the request at once; an array's own way is byte by byte.
        public func hash(into hasher: inout Hasher) {
            hasher.combine(path)
            request.withUnsafeBytes { hasher.combine(bytes: $0) }
        }
    }

    /// The policy's name.
    public let name: String
    /// The policies around each attempt.
    public let pipeline: Pipeline
    /// Answers with the bytes of a response message; nil for none.
    public let fallback: Fallback<FallbackKey, [UInt8]>?
    /// Whether a call may be sent again although the server may have seen it.
    public let isIdempotent: Bool

    /// How much its calls matter when resources run short.
    public let criticality: Criticality
    /// What the limiters are keyed by; most are not, and their calls need not say.
    let keys: Set<RateLimiter.Configuration.Key>

    /// Makes a route's policy.
    public init(
        name: String, pipeline: Pipeline, fallback: Fallback<FallbackKey, [UInt8]>? = nil, isIdempotent: Bool = false,
        criticality: Criticality = .critical
    ) {
        self.name = name
        self.pipeline = pipeline
        self.fallback = fallback
        self.isIdempotent = isIdempotent
        self.criticality = criticality
        keys = Set(pipeline.stages.compactMap { ($0.policy as? RateLimiter)?.key }).subtracting([.none])
    }

    /// Whether a stream on that route may be tried again: its requests are then kept until its first response.
    var retriesStreams: Bool {
        pipeline.stages.contains { if case .retry = $0 { true } else { false } }
    }

    /// What the policies are to know of a call on that route.
    func attributes(_ path: String, _ options: CallOptions) -> CallAttributes {
        guard !keys.isEmpty else { return CallAttributes(criticality: criticality, isIdempotent: isIdempotent) }
        var metadata: [String: String] = [:]
        for case .metadata(let name) in keys { metadata[name] = options.metadata[name] }
        return CallAttributes(criticality: criticality, isIdempotent: isIdempotent, method: path, metadata: metadata)
    }

    /// Everything in the route's policy, as far as events go.
    public var policies: [any Policy] {
        pipeline.stages.map(\.policy) + (fallback.map { [$0] } ?? [])
    }
}
