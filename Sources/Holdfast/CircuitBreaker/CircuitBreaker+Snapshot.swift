extension CircuitBreaker {
    /// The state and the counters of a breaker at one time.
    public struct Snapshot: Hashable, Sendable {
        /// The state.
        public let state: State
        /// Calls in the window; while half-open, probes that came back.
        public let calls: Int
        /// Failed ones among ``calls``.
        public let failed: Int
        /// Slow ones among ``calls``.
        public let slow: Int
        /// The share of failed calls; nil below the minimum of calls and while half-open.
        public let failureRate: Double?
        /// The share of slow calls; nil below the minimum of calls and while half-open.
        public let slowRate: Double?
        /// Failures since the last success.
        public let failuresInARow: Int
        /// Openings in a row, without a full window closed between.
        public let openings: Int
        /// Results that came from an earlier state and changed nothing.
        public let staleResults: Int
        /// While open: how long until the next try.
        public var retryAfter: Duration?
        /// While half-open: how many more probes may start now.
        public var probesAvailable: Int?
        /// A sentence that says why the breaker is in its state.
        public var explanation = ""
    }
}
