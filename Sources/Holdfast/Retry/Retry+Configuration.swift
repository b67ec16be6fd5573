extension Retry {
    /// The settings of a retry, checked when made.
    public struct Configuration: Hashable, Sendable {
        /// How to retry the failures that a selector picks, where that differs from the rest.
        public struct Rule: Hashable, Sendable {
            /// The failures the rule is for.
            public let on: FailureSelector
            /// How many attempts a call has that fails so; nil for as many as any other, 1 for no retry.
            public let maxAttempts: Int?
            /// How long to wait; nil for as long as otherwise.
            public let backoff: Backoff?

            /// Makes a rule.
            public init(on: FailureSelector, maxAttempts: Int? = nil, backoff: Backoff? = nil) {
                self.on = on
                self.maxAttempts = maxAttempts
                self.backoff = backoff
            }
        }

        /// How many attempts a call has, the first included.
        public let maxAttempts: Int
        /// How long to wait before another attempt.
        public let backoff: Backoff
        /// The failures that are retried.
        public let on: FailureSelector
        /// Exceptions, asked in order before ``on``; the first that picks a failure decides.
        public let rules: [Rule]
        /// The longest wait that a service's wish to stay away is honoured for; one that asks for more is asked again after this.
        public let retryAfterMax: Duration
        /// What limits the retries of all calls together; nil for nothing.
        public let budget: RetryBudget.Configuration?

        /// `UNAVAILABLE`, failed connections and timeouts.
        public static let standardFailures = FailureSelector(codes: [.unavailable], origins: [.connection, .timeout])
        /// Three attempts, 100 ms doubling up to 2 s with full jitter, a budget of a fifth.
        public static let standard = Configuration(
            unchecked: 3, .standard, standardFailures, [], retryAfterMax: .seconds(30), budget: .standard)

        /// Makes a configuration.
        /// - Parameters:
        ///   - maxAttempts: 1 to 100, the first attempt included; 3 by default.
        ///   - backoff: 100 ms doubling up to 2 s with full jitter, by default.
        ///   - on: ``standardFailures`` by default. Rejections by local policies are retried only if it has the origin `rejected`, and
        ///     errors that blame the caller only if it names their code.
        ///   - rules: exceptions for single failures; none by default.
        ///   - retryAfterMax: zero or more; 30 s by default.
        ///   - budget: a fifth of the calls and three a second by default. A budget given to the retry itself stands in its place.
        /// - Throws: ``ConfigurationError`` with the field, the value and the range.
        public init(
            maxAttempts: Int = 3, backoff: Backoff = .standard, on: FailureSelector = standardFailures, rules: [Rule] = [],
            retryAfterMax: Duration = .seconds(30), budget: RetryBudget.Configuration? = .standard
        ) throws(ConfigurationError) {
            try Require.within("maxAttempts", maxAttempts, 1...100)
            try Self.check("on", on)
            for (index, rule) in rules.enumerated() {
                try Self.check("rules[\(index)].on", rule.on)
                if let attempts = rule.maxAttempts { try Require.within("rules[\(index)].maxAttempts", attempts, 1...100) }
            }
            try Require.notNegative("retryAfterMax", retryAfterMax)
            self.init(unchecked: maxAttempts, backoff, on, rules, retryAfterMax: retryAfterMax, budget: budget)
        }

        private init(
            unchecked maxAttempts: Int, _ backoff: Backoff, _ on: FailureSelector, _ rules: [Rule], retryAfterMax: Duration,
            budget: RetryBudget.Configuration?
        ) {
            self.maxAttempts = maxAttempts
            self.backoff = backoff
            self.on = on
            self.rules = rules
            self.retryAfterMax = retryAfterMax
            self.budget = budget
        }

        private static func check(_ field: String, _ selector: FailureSelector) throws(ConfigurationError) {
            guard !selector.codes.contains(.ok) else {
                throw ConfigurationError(field, StatusCode.ok, "is no failure; name codes of failures")
            }
        }
    }
}
