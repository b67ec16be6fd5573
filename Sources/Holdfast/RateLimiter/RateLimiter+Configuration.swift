extension RateLimiter {
    /// The settings of a rate limiter, checked when made.
    public struct Configuration: Hashable, Sendable {
        /// How permits come.
        public enum Algorithm: Hashable, Sendable {
            /// `permits` flow in evenly over each `per`; up to `burst` of them can be saved up.
            case tokenBucket(permits: Int, per: Duration, burst: Int)
        }

        /// How permits come.
        public let algorithm: Algorithm
        /// How long a call may wait for its permit.
        public let maxWait: Duration
        /// How many calls may wait at once.
        public let maxQueued: Int

        /// Makes a configuration. There is no default rate: say one.
        /// - Parameters:
        ///   - algorithm: permits and burst at least 1, the period above zero.
        ///   - maxWait: zero, so that a call without a permit is refused at once, by default.
        ///   - maxQueued: 0 by default, up to 1,000,000.
        /// - Throws: ``ConfigurationError`` with the field, the value and the range.
        public init(_ algorithm: Algorithm, maxWait: Duration = .zero, maxQueued: Int = 0) throws(ConfigurationError) {
            switch algorithm {
            case .tokenBucket(let permits, let per, let burst):
                try Require.within("tokenBucket.permits", permits, 1...1_000_000_000)
                try Require.positive("tokenBucket.per", per)
                try Require.within("tokenBucket.burst", burst, 1...1_000_000_000)
                guard !per.nanoseconds.multipliedReportingOverflow(by: Int64(burst)).overflow else {
                    throw ConfigurationError("tokenBucket.burst", burst, "saved up over periods of \(per) is more than can be counted")
                }
            }
            try Require.notNegative("maxWait", maxWait)
            try Require.within("maxQueued", maxQueued, 0...1_000_000)
            self.algorithm = algorithm
            self.maxWait = maxWait
            self.maxQueued = maxQueued
        }

        /// Permits that flow in evenly, so many per second, with a second's worth as burst unless told otherwise.
        public static func perSecond(
            _ permits: Int, burst: Int? = nil, maxWait: Duration = .zero, maxQueued: Int = 0
        ) throws(ConfigurationError) -> Configuration {
            let bucket = Algorithm.tokenBucket(permits: permits, per: .seconds(1), burst: burst ?? permits)
            return try Configuration(bucket, maxWait: maxWait, maxQueued: maxQueued)
        }
    }
}
