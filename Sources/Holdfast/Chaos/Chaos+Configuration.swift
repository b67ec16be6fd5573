extension Chaos {
    /// What a chaos policy injects and how often, checked when made.
    public struct Configuration: Sendable {
        /// An error in place of the operation.
        public struct Fault: Sendable {
            /// The share of calls, 0 to 1.
            public let rate: Double
            /// What is thrown.
            public let error: any Error & Sendable

            /// Makes a fault.
            /// - Throws: ``ConfigurationError`` when the rate is outside 0 to 1.
            public init(rate: Double, error: any Error & Sendable) throws(ConfigurationError) {
                try Require.within("fault.rate", rate, 0...1)
                self.rate = rate
                self.error = error
            }
        }

        /// A wait before the operation.
        public struct Latency: Hashable, Sendable {
            /// The share of calls, 0 to 1.
            public let rate: Double
            /// How long they wait.
            public let delay: Duration

            /// Makes a latency.
            /// - Throws: ``ConfigurationError`` when the rate is outside 0 to 1 or the delay is not above zero.
            public init(rate: Double, delay: Duration) throws(ConfigurationError) {
                try Require.within("latency.rate", rate, 0...1)
                try Require.positive("latency.delay", delay)
                self.rate = rate
                self.delay = delay
            }
        }

        /// An answer in place of the operation's.
        public struct Outcome: Sendable {
            /// The share of calls, 0 to 1.
            public let rate: Double
            /// The answer; calls that answer with another type are left alone.
            public let value: any Sendable

            /// Makes an outcome.
            /// - Throws: ``ConfigurationError`` when the rate is outside 0 to 1.
            public init(rate: Double, value: any Sendable) throws(ConfigurationError) {
                try Require.within("outcome.rate", rate, 0...1)
                self.rate = rate
                self.value = value
            }
        }

        /// Something done before the operation: filling a disk, closing a connection.
        public struct Behavior: Sendable {
            /// The share of calls, 0 to 1.
            public let rate: Double
            /// What is done; when it throws, the operation does not run and the call ends with that error.
            public let action: @Sendable () async throws -> Void

            /// Makes a behavior.
            /// - Throws: ``ConfigurationError`` when the rate is outside 0 to 1.
            public init(rate: Double, action: @escaping @Sendable () async throws -> Void) throws(ConfigurationError) {
                try Require.within("behavior.rate", rate, 0...1)
                self.rate = rate
                self.action = action
            }
        }

        /// The wait that is injected; nil for none.
        public var latency: Latency?
        /// What is done before the operation; nil for nothing.
        public var behavior: Behavior?
        /// The error that is injected; nil for none.
        public var fault: Fault?
        /// The answer that is injected; nil for none.
        public var outcome: Outcome?
        /// Whether the policy starts enabled.
        public var isEnabled: Bool

        /// Makes a configuration; off by default.
        public init(
            fault: Fault? = nil, latency: Latency? = nil, outcome: Outcome? = nil, behavior: Behavior? = nil, isEnabled: Bool = false
        ) {
            self.fault = fault
            self.latency = latency
            self.outcome = outcome
            self.behavior = behavior
            self.isEnabled = isEnabled
        }
    }
}

extension Chaos.Configuration {
    /// What is injected, as in "a fault into 10 % of calls"; nil if nothing ever is.
    var injections: String? {
        let parts = [
            latency.map { ("a wait of \(Words.time($0.delay))", $0.rate) }, behavior.map { ("a behavior", $0.rate) },
            fault.map { ("a fault", $0.rate) }, outcome.map { ("an outcome", $0.rate) },
        ]
        let drawn = parts.compactMap { $0 }.filter { $0.1 > 0 }.map { "\($0) into \(Words.percent($1)) of calls" }
        return drawn.isEmpty ? nil : Words.list(drawn, "and")
    }
}
