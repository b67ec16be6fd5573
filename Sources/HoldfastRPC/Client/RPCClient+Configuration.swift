extension RPCClient {
    /// How a client connects, and what it accepts.
    public struct Configuration: Sendable {
        /// The pauses between attempts to connect.
        public var backoff = ConnectionBackoff()
        /// How long one attempt to connect may take, until the server's first HTTP/2 frame.
        public var connectTimeout: Duration = .seconds(20)
        /// The longest message, in bytes, that is sent or accepted; 4 MiB by default.
        public var maximumMessageLength = 4 * 1024 * 1024

        /// How requests are compressed, unless a call says otherwise; not at all by default. Answers may always come compressed.
        public var compression = MessageCompression.identity
        /// What stands in front of this library's name in `user-agent`: `my-shop/2.1`, printable ASCII; nothing by default.
        public var userAgentPrefix = ""
        /// What the server sees as `:authority`; by default the name and port that the client connects to.
        public var authority: String?
        /// Run around every call, the first outermost.
        public var interceptors: [ClientInterceptor] = []
        /// How many bytes of a stream's requests are kept until its first response, so that a retry can send them again; 1 MiB by
        /// default, as in gRFC A6. A stream that writes more is not retried; with 0 none is that has written.
        public var replayBufferLength = 1024 * 1024

        /// Which policies apply to which method; none by default.
        public var policies = RouteTable.empty

        package var limits = SessionLimits()

        /// gRPC's defaults.
        public init() {}
    }
}
