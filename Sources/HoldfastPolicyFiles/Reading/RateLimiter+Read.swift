import Holdfast

extension RateLimiter.Configuration {
    /// Reads the settings of a rate limiter; ranges are the core's business.
    static func read(_ object: ObjectReader) -> Self? {
        let warmUp = object.section("warmUp", "how the rate grows", readWarmUp)
        let maxWait = object.optional("maxWait")?.duration()
        let maxQueued = object.optional("maxQueued")?.integer()
        let key = object.optional("key").map(readKey) ?? Key.none
        let maxKeys = object.optional("maxKeys")?.integer()
        let idleAfter = object.optional("idleAfter")?.duration()
        guard let algorithm = readAlgorithm(object), let key else { return nil }
        return object.configuration { accepted throws(ConfigurationError) in
            try Self(
                algorithm.accepted(accepted), warmUp: accepted("warmUp", warmUp), maxWait: accepted("maxWait", maxWait) ?? .zero,
                maxQueued: accepted("maxQueued", maxQueued) ?? 0, key: accepted("key", key) ?? .none,
                maxKeys: accepted("maxKeys", maxKeys) ?? 10_000, idleAfter: accepted("idleAfter", idleAfter) ?? .seconds(600))
        }
    }

    /// The algorithms by their keys, with what each is told.
    private struct Choice {
        let key: String
        let permits: Int
        let per: Duration
        let burst: Int

        /// The algorithm, with what the core refused replaced by what it takes.
        func accepted(_ accepted: ObjectReader.Accepted) -> Algorithm {
            let permits = accepted("\(key).permits", permits) ?? 1
            let per = accepted("\(key).per", per) ?? .seconds(1)
            switch key {
            case "tokenBucket": return .tokenBucket(permits: permits, per: per, burst: accepted("tokenBucket.burst", burst) ?? 1)
            case "slidingWindow": return .slidingWindow(permits: permits, per: per)
            case "fixedWindow": return .fixedWindow(permits: permits, per: per)
            default: return .pacing(permits: permits, per: per)
            }
        }
    }

    private static func readAlgorithm(_ object: ObjectReader) -> Choice? {
        guard let choice = object.exactlyOne(of: ["tokenBucket", "slidingWindow", "fixedWindow", "pacing"]) else { return nil }
        let isBucket = choice.key == "tokenBucket"
        return choice.value.unit(isBucket ? "permits, a period and a burst" : "permits and a period") { rate in
            let permits = rate.required("permits")?.integer()
            let per = rate.required("per")?.duration()
            let burst = isBucket ? rate.required("burst")?.integer() : 1
            guard let permits, let per, let burst else { return nil }
            return Choice(key: choice.key, permits: permits, per: per, burst: burst)
        }
    }

    private static func readWarmUp(_ object: ObjectReader) -> WarmUp? {
        let over = object.required("over")?.duration()
        let from = object.required("from")?.number()
        guard let over, let from else { return nil }
        return WarmUp(over: over, from: from)
    }

    /// `"none"`, `"method"`, `"peer"`, or `{"metadata": name}`.
    private static func readKey(_ reader: ValueReader) -> Key? {
        guard reader.isObject else { return reader.oneOf(["none": Key.none, "method": .method, "peer": .peer]) }
        return reader.unit("the name of some metadata") { object in
            object.required("metadata")?.string("the name of some metadata").map { .metadata($0) }
        }
    }
}
