extension Timeout {
    /// The settings of a timeout, checked when made.
    public struct Configuration: Hashable, Sendable {
        /// What happens to an operation that did not end in time.
        public enum Expiry: String, Hashable, Sendable, CaseIterable {
            /// It is cancelled, and its end is awaited.
            case wait
            /// It is cancelled and left behind; the permits of the gates inside come back when it really ends. Only for operations
            /// given to ``Pipeline/runAbandonable(deadline:attributes:enforcement:unacceptable:_:)``; for others it means `wait`.
            case abandon
        }

        /// A limit that follows the latencies measured so far.
        public struct Adaptive: Hashable, Sendable {
            /// Which quantile of the latencies of successes, above 0 and below 1.
            public var quantile: Double
            /// The limit is this many times the quantile; at least 1.
            public var factor: Double
            /// The limit is never shorter.
            public var minimum: Duration
            /// Until so many successes were measured the limit is ``Configuration/after``.
            public var minimumSamples: Int

            /// Makes the rule.
            public init(quantile: Double = 0.99, factor: Double = 1.5, minimum: Duration = .milliseconds(1), minimumSamples: Int = 100) {
                self.quantile = quantile
                self.factor = factor
                self.minimum = minimum
                self.minimumSamples = minimumSamples
            }
        }

        /// How long a call or attempt may take.
        public let after: Duration
        /// What happens to an operation that did not end in time.
        public let onExpiry: Expiry
        /// How long a stream may be silent between two messages; nil for as long as it likes.
        public let idle: Duration?
        /// Shortens ``after`` by what was measured; nil for never.
        public let adaptive: Adaptive?
        /// The same as ``after``, for the call path: reading a `Duration` costs a 128-bit division.
        let nanoseconds: Int64

        /// Makes a configuration.
        /// - Parameters:
        ///   - after: above zero.
        ///   - onExpiry: wait by default.
        ///   - idle: for streams only; above zero, none by default.
        ///   - adaptive: none by default; quantile above 0 and below 1, factor 1 or more, minimum above zero and at most `after`,
        ///     samples 1 to 1,000,000.
        /// - Throws: ``ConfigurationError`` with the field, the value and the range.
        public init(
            after: Duration, onExpiry: Expiry = .wait, idle: Duration? = nil, adaptive: Adaptive? = nil
        ) throws(ConfigurationError) {
            try Require.positive("after", after)
            if let idle { try Require.positive("idle", idle) }
            if let adaptive {
                guard adaptive.quantile > 0, adaptive.quantile < 1 else {
                    throw ConfigurationError("adaptive.quantile", adaptive.quantile, "is not above 0 and below 1")
                }
                try Require.atLeast("adaptive.factor", adaptive.factor, 1)
                try Require.positive("adaptive.minimum", adaptive.minimum)
                guard adaptive.minimum <= after else {
                    throw ConfigurationError("adaptive.minimum", adaptive.minimum, "is above after, \(after)")
                }
                try Require.within("adaptive.minimumSamples", adaptive.minimumSamples, 1...1_000_000)
            }
            self.after = after
            self.onExpiry = onExpiry
            self.idle = idle
            self.adaptive = adaptive
            nanoseconds = after.nanoseconds
        }
    }
}
