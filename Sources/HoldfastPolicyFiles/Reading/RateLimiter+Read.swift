import Holdfast

extension RateLimiter.Configuration {
    static let laterAlgorithms = ["slidingWindow", "fixedWindow", "pacing"]

    /// Reads the settings of a rate limiter; ranges are the core's business.
    static func read(_ object: ObjectReader) -> Self? {
        let algorithm = readAlgorithm(object)
        let maxWait = object.optional("maxWait")?.duration()
        let maxQueued = object.optional("maxQueued")?.integer()
        readKey(object.optional("key"))
        guard case .tokenBucket(let permits, let per, let burst) = algorithm else { return nil }
        return object.configuration { accepted throws(ConfigurationError) in
            try Self(
                .tokenBucket(
                    permits: accepted("tokenBucket.permits", permits) ?? 1,
                    per: accepted("tokenBucket.per", per) ?? .seconds(1),
                    burst: accepted("tokenBucket.burst", burst) ?? 1
                ),
                maxWait: accepted("maxWait", maxWait) ?? .zero,
                maxQueued: accepted("maxQueued", maxQueued) ?? 0
            )
        }
    }

    private static func readAlgorithm(_ object: ObjectReader) -> Algorithm? {
        guard let choice = object.exactlyOne(of: ["tokenBucket"], unsupported: laterAlgorithms) else { return nil }
        return choice.value.unit("permits, a period and a burst") { bucket in
            let permits = bucket.required("permits")?.integer()
            let per = bucket.required("per")?.duration()
            let burst = bucket.required("burst")?.integer()
            guard let permits, let per, let burst else { return nil }
            return .tokenBucket(permits: permits, per: per, burst: burst)
        }
    }

    private static func readKey(_ reader: ValueReader?) {
        guard let reader else { return }
        if case .string("none") = reader.node.value { return }
        reader.fail("a limiter per key is not supported by this version yet; give \"none\" or remove the key")
    }
}
