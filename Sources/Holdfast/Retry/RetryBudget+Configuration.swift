extension RetryBudget {
    /// The settings of a retry budget, checked when made.
    public struct Configuration: Hashable, Sendable {
        /// What limits the retries.
        public enum Limit: Hashable, Sendable {
            /// Within each `window`, a share of the first attempts, and `minimumPerSecond` besides.
            case share(ratio: Double, minimumPerSecond: Double, window: Duration)
            /// gRPC's throttle (gRFC A6): a bucket that a retryable failure takes a token from and a success puts `tokenRatio`
            /// into; retries only while it is more than half full.
            case grpcThrottle(maxTokens: Int, tokenRatio: Double)
            /// A bucket that each call puts `tokensPerCall` into as it begins; a retry takes a whole token, and is made only while there
            /// is more than one. Full at the start. After Brooker, "Fixing retries with token buckets and circuit breakers" (2022).
            case tokenBucket(maxTokens: Int, tokensPerCall: Double)
        }

        /// What limits the retries.
        public let limit: Limit

        /// A fifth of the first attempts and three a second, over ten seconds.
        public static let standard = Configuration(unchecked: .share(ratio: 0.2, minimumPerSecond: 3, window: .seconds(10)))

        /// Makes a configuration.
        /// - Parameter limit: for a share, the ratio from 0 to 100 (six decimals count), the floor from 0 to 1,000,000 a second, the
        ///   window from 100 ms to 24 h. For gRPC's throttle, up to 1,000 tokens and as much for a success (three decimals count). For a
        ///   token bucket, 2 to 1,000 tokens and up to 1,000 for a call (three decimals count).
        /// - Throws: ``ConfigurationError`` with the field, the value and the range.
        public init(_ limit: Limit) throws(ConfigurationError) {
            switch limit {
            case .share(let ratio, let minimumPerSecond, let window):
                try Require.within("budget.ratio", ratio, 0...100)
                try Require.within("budget.minimumPerSecond", minimumPerSecond, 0...1_000_000)
                try Require.within("budget.window", window, .milliseconds(100) ... .seconds(86_400))
            case .grpcThrottle(let maxTokens, let tokenRatio):
                try Require.within("budget.grpcThrottle.maxTokens", maxTokens, 1...1000)
                try Require.within("budget.grpcThrottle.tokenRatio", tokenRatio, 0.001...1000)
            case .tokenBucket(let maxTokens, let tokensPerCall):
                try Require.within("budget.tokenBucket.maxTokens", maxTokens, 2...1000)
                try Require.within("budget.tokenBucket.tokensPerCall", tokensPerCall, 0.001...1000)
            }
            self.init(unchecked: limit)
        }

        private init(unchecked limit: Limit) {
            self.limit = limit
        }

        /// A share of the first attempts, and a floor besides.
        public static func share(
            ratio: Double = 0.2, minimumPerSecond: Double = 3, window: Duration = .seconds(10)
        ) throws(ConfigurationError) -> Configuration {
            try Configuration(.share(ratio: ratio, minimumPerSecond: minimumPerSecond, window: window))
        }

        /// gRPC's throttle.
        public static func grpcThrottle(maxTokens: Int, tokenRatio: Double) throws(ConfigurationError) -> Configuration {
            try Configuration(.grpcThrottle(maxTokens: maxTokens, tokenRatio: tokenRatio))
        }

        /// A token bucket that calls fill and retries empty.
        public static func tokenBucket(maxTokens: Int, tokensPerCall: Double) throws(ConfigurationError) -> Configuration {
            try Configuration(.tokenBucket(maxTokens: maxTokens, tokensPerCall: tokensPerCall))
        }
    }
}
