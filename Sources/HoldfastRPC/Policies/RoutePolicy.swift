public import Holdfast

/// What applies to the calls of one route: the policies, and what answers when they fail.
public struct RoutePolicy: Sendable {
    /// What a last good answer is kept by: an answer never serves another method or request, nor other values of the metadata that
    /// the route declares (S35).
    public struct FallbackKey: Hashable, Sendable {
        /// The method, `/package.Service/Method`.
        public let path: String
        /// The request message as bytes.
        public let request: [UInt8]
        /// The call's metadata, as far as the route declares it: ``RoutePolicy/fallbackMetadata``.
        public let metadata: Metadata

        /// Makes a key.
        public init(path: String, request: [UInt8], metadata: Metadata = [:]) {
            self.path = path
            self.request = request
            self.metadata = metadata
        }

        /// Hashes the request at once; an array's own way is byte by byte.
        public func hash(into hasher: inout Hasher) {
            hasher.combine(path)
            request.withUnsafeBytes { hasher.combine(bytes: $0) }
            if !metadata.isEmpty { hasher.combine(metadata) }
        }
    }

    /// One reference for all of it, since every call takes the policy of its route.
    private final class Contents: Sendable {
        let name: String
        let pipeline: Pipeline
        let fallback: Fallback<FallbackKey, [UInt8]>?
        let fallbackMetadata: [String]
        let isIdempotent: Bool
        let criticality: Criticality
        let keys: Set<RateLimiter.Configuration.Key>

        init(
            _ name: String, _ pipeline: Pipeline, _ fallback: Fallback<FallbackKey, [UInt8]>?, _ fallbackMetadata: [String],
            _ isIdempotent: Bool, _ criticality: Criticality
        ) {
            self.name = name
            self.pipeline = pipeline
            self.fallback = fallback
            self.fallbackMetadata = fallbackMetadata
            self.isIdempotent = isIdempotent
            self.criticality = criticality
            keys = Set(pipeline.stages.compactMap { ($0.policy as? RateLimiter)?.key }).subtracting([.none])
        }
    }

    private let contents: Contents

    /// The policy's name.
    public var name: String { contents.name }
    /// The policies around each attempt.
    public var pipeline: Pipeline { contents.pipeline }
    /// Answers with the bytes of a response message; nil for none.
    public var fallback: Fallback<FallbackKey, [UInt8]>? { contents.fallback }
    /// The metadata that answers depend on besides the request: an answer that a fallback has kept serves only calls with the same
    /// values.
    public var fallbackMetadata: [String] { contents.fallbackMetadata }
    /// Whether a call may be sent again although the server may have seen it.
    public var isIdempotent: Bool { contents.isIdempotent }
    /// How much its calls matter when resources run short.
    public var criticality: Criticality { contents.criticality }
    /// What the limiters are keyed by; most are not, and their calls need not say.
    var keys: Set<RateLimiter.Configuration.Key> { contents.keys }

    /// Makes a route's policy.
    /// - Parameters:
    ///   - name: the policy's name.
    ///   - pipeline: the policies around each attempt.
    ///   - fallback: answers when they fail; nil, the default, for none.
    ///   - fallbackMetadata: the keys of metadata that answers depend on, none by default. Where an answer depends on who asks,
    ///     name what says who that is, `authorization` for instance: without it one user would be given what was kept for another.
    ///   - isIdempotent: whether a call may be sent again although the server may have seen it; false by default.
    ///   - criticality: how much its calls matter when resources run short.
    public init(
        name: String, pipeline: Pipeline, fallback: Fallback<FallbackKey, [UInt8]>? = nil, fallbackMetadata: [String] = [],
        isIdempotent: Bool = false, criticality: Criticality = .critical
    ) {
        contents = Contents(name, pipeline, fallback, fallbackMetadata, isIdempotent, criticality)
    }

    /// What the fallback keeps the answer to a call by.
    func fallbackKey(_ path: String, _ request: [UInt8], _ metadata: Metadata) -> FallbackKey {
        var declared = Metadata()
        for key in fallbackMetadata {
            for value in metadata.values(for: key) { declared.add(value, for: key) }
        }
        return FallbackKey(path: path, request: request, metadata: declared)
    }

    /// What the policies are to know of a call on that route.
    func attributes(_ path: String, _ options: CallOptions) -> CallAttributes {
        let criticality = options.criticality ?? criticality
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
