import Holdfast

extension CoreCases {
    /// Rate limiters whose quota is never used up.
    static func limiters() throws -> [CoreCase] {
        let plenty = try RateLimiter.Configuration.perSecond(1_000_000_000)
        // As many grants to remember as calls fit into a millisecond.
        let sliding = try RateLimiter.Configuration(.slidingWindow(permits: 1_000_000, per: .milliseconds(1)))
        let fixed = try RateLimiter.Configuration(.fixedWindow(permits: 1_000_000_000, per: .seconds(1)))
        return [
            limiter("rate limiter admits", plenty, .limiter, isCrowded: true),
            admitAndSettle("rate limiter admits, alone", RateLimiter("benchmark", plenty), .limiterAlone, isCrowded: true),
            limiter("rate limiter admits, fixed window", fixed),
            limiter("rate limiter admits, sliding window", sliding),
            try keyedLimiter("rate limiter admits, one key", keys: 1),
            try keyedLimiter("rate limiter admits, 1,000 keys", keys: 1000),
        ]
    }

    static func bulkheads() throws -> [CoreCase] {
        let configuration = try Bulkhead.Configuration(maxConcurrent: 1000)
        let bulkhead = Bulkhead("benchmark", configuration)
        return [
            admitAndSettle("bulkhead admits and releases", Bulkhead("benchmark", configuration), .bulkhead, isCrowded: true),
            CoreCase("bulkhead around a call", .around(), isCrowded: true) { count in
                var value = 0
                for _ in 0..<count {
                    value = try await bulkhead.run { try await increment(value) }
                }
                return value
            },
        ]
    }

    private static func limiter(
        _ name: String, _ configuration: RateLimiter.Configuration, _ reference: Reference? = nil, isCrowded: Bool = false
    ) -> CoreCase {
        let limiter = RateLimiter("benchmark", configuration)
        return CoreCase(name, .around(), reference, isCrowded: isCrowded) { count in
            var value = 0
            for _ in 0..<count {
                value = try await limiter.run { try await increment(value) }
            }
            return value
        }
    }

    private static func keyedLimiter(_ name: String, keys: Int) throws -> CoreCase {
        let bucket = RateLimiter.Configuration.Algorithm.tokenBucket(permits: 1_000_000_000, per: .seconds(1), burst: 1_000_000_000)
        let limiter = RateLimiter("benchmark", try .init(bucket, key: .peer))
        let callers = (0..<keys).map { CallAttributes(peer: "tenant-\($0)") }
        return CoreCase(name, .around()) { count in
            var value = 0
            for _ in 0..<count {
                value = try await limiter.run(attributes: callers[value % callers.count]) { try await increment(value) }
            }
            return value
        }
    }
}
