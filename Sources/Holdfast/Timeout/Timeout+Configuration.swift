extension Timeout {
    /// The settings of a timeout, checked when made.
    public struct Configuration: Hashable, Sendable {
        /// How long a call or attempt may take.
        public let after: Duration
        /// The same, for the call path: reading a `Duration` costs a 128-bit division.
        let nanoseconds: Int64

        /// Makes a configuration.
        /// - Parameter after: above zero.
        /// - Throws: ``ConfigurationError`` when it is not.
        public init(after: Duration) throws(ConfigurationError) {
            try Require.positive("after", after)
            self.after = after
            nanoseconds = after.nanoseconds
        }
    }
}
