extension Bulkhead {
    /// The settings of a bulkhead, checked when made.
    public struct Configuration: Hashable, Sendable {
        /// Who of those that wait is served first.
        public enum Order: String, Hashable, Sendable, CaseIterable {
            /// The one that waits longest.
            case fifo
            /// The one that waits longest; but the newest while the queue is congested, which means that it has not been empty
            /// for more than 100 ms. Then the oldest have probably been given up by their callers, and the newest can still be
            /// in time (Maurer, "Fail at Scale", ACM Queue 13(8), 2015).
            case adaptiveLifo
        }

        /// How many calls may run at once.
        public let maxConcurrent: Int
        /// How many calls may wait at once.
        public let maxQueued: Int
        /// How long a call may wait.
        public let maxWait: Duration
        /// Who of those that wait is served first.
        public let order: Order

        /// Makes a configuration. There is no default for the limit: say one.
        /// - Parameters:
        ///   - maxConcurrent: 1 to 1,000,000.
        ///   - maxQueued: 0, so that a call that finds the bulkhead full is refused at once, by default; up to 1,000,000.
        ///   - maxWait: zero by default, so that nothing waits.
        ///   - order: first in, first out by default.
        /// - Throws: ``ConfigurationError`` with the field, the value and the range.
        public init(
            maxConcurrent: Int, maxQueued: Int = 0, maxWait: Duration = .zero, order: Order = .fifo
        ) throws(ConfigurationError) {
            try Require.within("maxConcurrent", maxConcurrent, 1...BulkheadWord.maximum)
            try Require.within("maxQueued", maxQueued, 0...1_000_000)
            try Require.notNegative("maxWait", maxWait)
            self.maxConcurrent = maxConcurrent
            self.maxQueued = maxQueued
            self.maxWait = maxWait
            self.order = order
        }
    }
}
