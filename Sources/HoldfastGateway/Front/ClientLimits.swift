package import Holdfast
import HoldfastPolicyFiles
import HoldfastRPC

/// The policies in front of the gateway's routes: what clients may ask, each for itself and all together.
struct ClientLimits: Sendable {
    /// Nil for none.
    let registry: PolicyRegistry?

    /// The policies of one request, as they are when it comes.
    func policies(for request: GatewayRequest) -> Applied? {
        guard let policy = registry?.policy(for: request.route.policyPath) else { return nil }
        var metadata: [String: String] = [:]
        for (key, value) in request.metadata where metadata[key] == nil { metadata[key] = value }
        return Applied(
            policy: policy,
            attributes: CallAttributes(
                criticality: policy.criticality, isIdempotent: false, method: request.route.policyPath, peer: request.clientKey,
                metadata: metadata))
    }

    struct Applied: Sendable {
        let policy: RoutePolicy
        let attributes: CallAttributes

        /// What a client is told of its quotas (draft-ietf-httpapi-ratelimit-headers-10).
        ///
        /// `q` calls in `w` seconds is what it has, `r` what it could take now, and after `t` seconds it could take all of it again.
        var headers: [(String, String)] {
            let limiters = policy.pipeline.stages.compactMap { $0.policy as? RateLimiter }
            guard !limiters.isEmpty else { return [] }
            let rules = limiters.map { limiter in
                let (permits, period) = limiter.configuration.algorithm.rate
                let window = period.nanoseconds % 1_000_000_000 == 0 ? ";w=\(period.nanoseconds / 1_000_000_000)" : ""
                return "\(quoted(limiter.name));q=\(permits)\(window)"
            }
            let states = limiters.map { limiter in
                var all = attributes
                all = CallAttributes(
                    criticality: all.criticality, weight: limiter.configuration.algorithm.capacity, isIdempotent: false, method: all.method,
                    peer: all.peer, metadata: all.metadata)
                let reset = limiter.expectedWait(for: all).map { ";t=\(($0.nanoseconds + 999_999_999) / 1_000_000_000)" } ?? ""
                return "\(quoted(limiter.name));r=\(limiter.available(for: attributes))\(reset)"
            }
            return [("RateLimit-Policy", rules.joined(separator: ", ")), ("RateLimit", states.joined(separator: ", "))]
        }
    }
}

extension RateLimiter.Configuration.Algorithm {
    fileprivate var rate: (permits: Int, per: Duration) {
        switch self {
        case .tokenBucket(let permits, let per, _), .slidingWindow(let permits, let per), .fixedWindow(let permits, let per),
            .pacing(let permits, let per):
            (permits, per)
        }
    }

    /// The most permits that there can be at once.
    package var capacity: Int {
        switch self {
        case .tokenBucket(_, _, let burst): burst
        case .slidingWindow(let permits, _), .fixedWindow(let permits, _): permits
        case .pacing: 1
        }
    }
}
