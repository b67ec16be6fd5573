extension AdaptiveThrottle {
    /// The settings of an adaptive throttle, checked when made.
    public struct Configuration: Hashable, Sendable {
        /// How many requests may be tried for each that the service accepts.
        ///
        /// 2 sends about as many again as are accepted. Less spares the service more; more notices sooner that it has recovered.
        public let k: Double
        /// How far back requests and accepts are counted, in ten buckets.
        public let window: Duration

        /// K of 2 over two minutes, as in the SRE book.
        public static let standard = Configuration(unchecked: 2, window: .seconds(120))

        /// Makes a configuration.
        /// - Parameters:
        ///   - k: 1 to 1,000; 2 by default. Below 1, calls to a healthy service would be refused.
        ///   - window: 100 ms to 24 h; two minutes by default.
        /// - Throws: ``ConfigurationError`` with the field, the value and the range.
        public init(k: Double = 2, window: Duration = .seconds(120)) throws(ConfigurationError) {
            try Require.within("k", k, 1...1000)
            try Require.within("window", window, .milliseconds(100) ... .seconds(86_400))
            self.init(unchecked: k, window: window)
        }

        private init(unchecked k: Double, window: Duration) {
            self.k = k
            self.window = window
        }
    }
}
