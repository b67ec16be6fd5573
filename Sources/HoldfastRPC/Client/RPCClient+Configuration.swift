extension RPCClient {
    /// How a client connects, and what it accepts.
    public struct Configuration: Sendable {
        /// The pauses between attempts to connect.
        public var backoff = ConnectionBackoff()
        /// How long one attempt to connect may take, until the server's first HTTP/2 frame.
        public var connectTimeout: Duration = .seconds(20)
        /// The longest message, in bytes, that is sent or accepted; 4 MiB by default.
        public var maximumMessageLength = 4 * 1024 * 1024

        /// The windows of streams and of connections, which bound what a stalled stream costs.
        public var flowControl = FlowControl.standard

        /// Which policies apply to which method; none by default.
        public var policies = RouteTable.empty

        package var limits = SessionLimits()

        /// gRPC's defaults.
        public init() {}
    }
}
