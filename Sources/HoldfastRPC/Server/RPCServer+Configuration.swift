extension RPCServer {
    /// What a server accepts.
    public struct Configuration: Sendable {
        /// The longest message, in bytes, that is sent or accepted; 4 MiB by default.
        public var maximumMessageLength = 4 * 1024 * 1024
        /// The calls that one connection may have at once; 1,000 by default.
        public var maximumConcurrentCalls = 1_000

        /// The windows of streams and of connections, which bound what a stalled stream costs.
        public var flowControl = FlowControl.standard

        package var limits = SessionLimits()

        /// The defaults.
        public init() {}

        var sessionLimits: SessionLimits {
            var limits = limits
            limits.messageLength = maximumMessageLength
            limits.concurrentStreams = maximumConcurrentCalls
            limits.flowControl = flowControl
            return limits
        }
    }
}
