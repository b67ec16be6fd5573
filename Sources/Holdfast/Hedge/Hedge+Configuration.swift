extension Hedge {
    /// The settings of a hedge, checked when made.
    public struct Configuration: Hashable, Sendable {
        /// How long an attempt goes unanswered before the next one starts beside it.
        public enum Delay: Hashable, Sendable {
            /// Always the same; zero starts all attempts together.
            case fixed(Duration)
            /// As long as that share of the calls took lately, 0.95 say; no hedge before that many samples were taken.
            case quantile(Double, minimumSamples: Int)
        }

        /// How long an attempt goes unanswered before the next one starts.
        public let after: Delay
        /// How many attempts may start beside the first.
        public let maxExtra: Int
        /// What keeps hedges from piling up on a service in trouble; nil for nothing. Without effect on a hedge that shares a budget.
        public let budget: RetryBudget.Configuration?
        /// The failures after which the call still waits for other attempts; nil for all that do not blame the caller.
        public let nonFatal: FailureSelector?

        // The settings are within their ranges, so making them never throws.
        /// A tenth of the calls and three a second, over ten seconds.
        public static let standardBudget = try! RetryBudget.Configuration.share(ratio: 0.1)

        /// Makes a configuration.
        /// - Parameters:
        ///   - after: a fixed delay, not negative; or a quantile above 0 and below 1 with 1 to 1,000,000 samples.
        ///   - maxExtra: 1 to 10.
        ///   - budget: ``standardBudget`` by default.
        ///   - nonFatal: nil by default: every failure waits for the other attempts, and only an answer or an error that blames
        ///     the caller ends the call. With a selector, a failure that it does not pick ends the call too, as gRPC's
        ///     `nonFatalStatusCodes` has it (gRFC A6).
        /// - Throws: ``ConfigurationError`` with the field, the value and the range.
        public init(
            after: Delay, maxExtra: Int = 1, budget: RetryBudget.Configuration? = standardBudget, nonFatal: FailureSelector? = nil
        ) throws(ConfigurationError) {
            switch after {
            case .fixed(let delay):
                try Require.notNegative("after", delay)
            case .quantile(let quantile, let minimumSamples):
                guard quantile > 0, quantile < 1 else {
                    throw ConfigurationError("after.quantile", quantile, "is not above 0 and below 1")
                }
                try Require.within("after.minimumSamples", minimumSamples, 1...1_000_000)
            }
            try Require.within("maxExtra", maxExtra, 1...10)
            self.after = after
            self.maxExtra = maxExtra
            self.budget = budget
            self.nonFatal = nonFatal
        }
    }
}
