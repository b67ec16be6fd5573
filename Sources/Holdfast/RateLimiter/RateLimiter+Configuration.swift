extension RateLimiter {
    /// The settings of a rate limiter, checked when made.
    public struct Configuration: Hashable, Sendable {
        /// How permits come.
        public enum Algorithm: Hashable, Sendable {
            /// `permits` flow in evenly over each `per`; up to `burst` of them can be saved up. The generic cell rate algorithm.
            case tokenBucket(permits: Int, per: Duration, burst: Int)
            /// At most `permits` in any period of length `per`, exactly. It remembers every grant of the last period: 16 bytes
            /// each.
            case slidingWindow(permits: Int, per: Duration)
            /// At most `permits` in each of the periods that follow one another from the making of the limiter on.
            case fixedWindow(permits: Int, per: Duration)
            /// Evenly spaced, nothing saved up. A call that weighs more starts in its turn and keeps the next one waiting for all
            /// it cost, as in Guava's `RateLimiter`.
            case pacing(permits: Int, per: Duration)
        }

        /// How the rate grows while the service is cold.
        ///
        /// From the making of the limiter on, and again when nobody asked for as long as ``over``. A bucket also begins with
        /// only the share ``from`` of its burst; a window's limit grows with the rate. (Guava's `SmoothWarmingUp` and
        /// Sentinel's warm-up cool down by and by; here a limiter is cold again all at once.)
        public struct WarmUp: Hashable, Sendable {
            /// How long it takes to reach the full rate.
            public var over: Duration
            /// The share of the rate that it begins with, above 0, at most 1.
            public var from: Double

            /// Makes the rule.
            public init(over: Duration, from: Double) {
                self.over = over
                self.from = from
            }
        }

        /// Which calls share a quota.
        public enum Key: Hashable, Sendable {
            /// All of them.
            case none
            /// Those to one ``CallAttributes/method``.
            case method
            /// Those of one ``CallAttributes/peer``.
            case peer
            /// Those with one value of that ``CallAttributes/metadata``, such as a tenant.
            case metadata(String)
        }

        /// How permits come.
        public let algorithm: Algorithm
        /// How the rate grows while the service is cold; nil for the full rate from the first call on.
        public let warmUp: WarmUp?
        /// How long a call may wait for its permit.
        public let maxWait: Duration
        /// How many calls may wait at once, for each key.
        public let maxQueued: Int
        /// Which calls share a quota. Calls that lack what they are told apart by share one.
        public let key: Key
        /// How many keys are remembered.
        public let maxKeys: Int
        /// A key that nobody asked for this long is forgotten, unless a new one would have more permits.
        public let idleAfter: Duration
        let terms: TokenBucket.Terms

        /// Makes a configuration. There is no default rate: say one.
        /// - Parameters:
        ///   - algorithm: permits and burst 1 to 1,000,000,000 (a sliding window's permits to 1,000,000), the period above zero.
        ///   - warmUp: none by default.
        ///   - maxWait: zero, so that a call without a permit is refused at once, by default.
        ///   - maxQueued: 0 by default, up to 1,000,000.
        ///   - key: one quota for all by default.
        ///   - maxKeys: 10,000 by default, 1 to 10,000,000.
        ///   - idleAfter: 10 minutes by default; above zero.
        /// - Throws: ``ConfigurationError`` with the field, the value and the range.
        public init(
            _ algorithm: Algorithm, warmUp: WarmUp? = nil, maxWait: Duration = .zero, maxQueued: Int = 0, key: Key = .none,
            maxKeys: Int = 10_000, idleAfter: Duration = .seconds(600)
        ) throws(ConfigurationError) {
            terms = try Self.terms(algorithm)
            if let warmUp {
                try Self.checkPeriod("warmUp.over", warmUp.over)
                guard warmUp.from > 0, warmUp.from <= 1 else {
                    throw ConfigurationError("warmUp.from", warmUp.from, "is not above 0 and at most 1")
                }
            }
            try Require.notNegative("maxWait", maxWait)
            try Require.within("maxQueued", maxQueued, 0...1_000_000)
            if case .metadata(let name) = key, name.isEmpty { throw ConfigurationError("key.metadata", "\"\"", "is empty; give a name") }
            try Require.within("maxKeys", maxKeys, 1...10_000_000)
            try Require.positive("idleAfter", idleAfter)
            self.algorithm = algorithm
            self.warmUp = warmUp
            self.maxWait = maxWait
            self.maxQueued = maxQueued
            self.key = key
            self.maxKeys = maxKeys
            self.idleAfter = idleAfter
        }

        /// Permits that flow in evenly, so many per second, with a second's worth as burst unless told otherwise.
        public static func perSecond(
            _ permits: Int, burst: Int? = nil, maxWait: Duration = .zero, maxQueued: Int = 0
        ) throws(ConfigurationError) -> Configuration {
            let bucket = Algorithm.tokenBucket(permits: permits, per: .seconds(1), burst: burst ?? permits)
            return try Configuration(bucket, maxWait: maxWait, maxQueued: maxQueued)
        }

        private static func terms(_ algorithm: Algorithm) throws(ConfigurationError) -> TokenBucket.Terms {
            switch algorithm {
            case .tokenBucket(let permits, let per, let burst):
                try Require.within("tokenBucket.permits", permits, 1...1_000_000_000)
                try Require.positive("tokenBucket.per", per)
                try Require.within("tokenBucket.burst", burst, 1...1_000_000_000)
                guard let terms = TokenBucket.Terms(permits: permits, nanoseconds: per.nanoseconds, burst: burst) else {
                    throw ConfigurationError("tokenBucket.burst", burst, "saved up over periods of \(per) is more than can be counted")
                }
                return terms
            case .pacing(let permits, let per):
                try Require.within("pacing.permits", permits, 1...1_000_000_000)
                try checkPeriod("pacing.per", per)
                guard let terms = TokenBucket.Terms(permits: permits, nanoseconds: per.nanoseconds, burst: 1, isPaced: true) else {
                    throw ConfigurationError("pacing.per", per, "is more than can be counted")
                }
                return terms
            case .slidingWindow(let permits, let per):
                try Require.within("slidingWindow.permits", permits, 1...1_000_000)
                try checkPeriod("slidingWindow.per", per)
                return TokenBucket.Terms(inflow: 0, unit: 1, capacity: Int64(permits))
            case .fixedWindow(let permits, let per):
                try Require.within("fixedWindow.permits", permits, 1...1_000_000_000)
                try checkPeriod("fixedWindow.per", per)
                return TokenBucket.Terms(inflow: 0, unit: 1, capacity: Int64(permits))
            }
        }

        private static func checkPeriod(_ field: String, _ period: Duration) throws(ConfigurationError) {
            try Require.positive(field, period)
            guard period.nanoseconds <= TokenBucket.Terms.limit else {
                throw ConfigurationError(field, period, "is longer than 36 years, more than can be counted")
            }
        }
    }
}

extension RateLimiter.Configuration.Algorithm {
    /// The rate as in "lets 100 calls a second through, 20 at once".
    var words: String {
        switch self {
        case .tokenBucket(let permits, let per, let burst): "lets \(Words.rate(permits, per: per)) through, \(burst) at once"
        case .slidingWindow(let permits, let per): "lets \(Words.count(permits, "call")) through in any \(Words.time(per))"
        case .fixedWindow(let permits, let per): "lets \(Words.count(permits, "call")) through in each \(Words.time(per))"
        case .pacing(let permits, let per): "lets \(Words.rate(permits, per: per)) through, evenly spaced"
        }
    }
}
