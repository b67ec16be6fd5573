extension Timeout {
    /// The settings of a timeout, checked when made.
    public struct Configuration: Hashable, Sendable {
        /// How long a call or attempt may take.
        public let after: Duration

        /// Makes a configuration.
        /// - Parameter after: above zero.
        /// - Throws: ``ConfigurationError`` when it is not.
        public init(after: Duration) throws(ConfigurationError) {
            try Require.positive("after", after)
            self.after = after
        }
    }
}
