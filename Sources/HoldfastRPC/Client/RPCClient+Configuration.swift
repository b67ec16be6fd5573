public import Holdfast
import NIOPosix

extension RPCClient {
    /// How a client connects, which endpoint gets a call, and what it accepts.
    ///
    /// A value outside its range is refused when a client is made.
    public struct Configuration: Sendable {
        /// The pauses between attempts to connect.
        public var backoff = ConnectionBackoff()
        /// How long one attempt to connect may take, until the server's first HTTP/2 frame; above zero, 20 s by default.
        public var connectTimeout: Duration = .seconds(20)
        /// The longest message, in bytes, that is sent or accepted; 4 MiB by default.
        public var maximumMessageLength = 4 * 1024 * 1024
        /// The longest header block of a server, in bytes, that is accepted, counted as HTTP/2 does (names, values, 32 bytes each); 1 KiB to
        /// 64 KiB, 16 KiB by default. A call whose headers or trailers are longer fails with RESOURCE_EXHAUSTED; with a single name or value
        /// above 64 KiB, which nghttp2 does not take, the connection and all of its calls end.
        public var maximumHeaderListSize = 16 * 1024
        /// How many connections are made to one endpoint, 1 to 1,000; 2 by default. Another than the first is made when calls wait because
        /// the server takes no more on those there are (MAX_CONCURRENT_STREAMS, RFC 9113, 5.1.2).
        public var maximumConnectionsPerEndpoint = 2
        /// How many calls may wait for a connection, and how many for room on the connections of one endpoint; at least 1, 100,000 by
        /// default. Beyond that they fail with RESOURCE_EXHAUSTED.
        public var maximumWaitingCalls = 100_000
        /// How long a connection without calls is kept, up to twice that; above zero, 30 minutes by default. Nil for ever.
        public var idleTimeout: Duration? = .seconds(1_800)
        /// Pings to silent servers; none by default.
        public var keepalive: Keepalive?

        /// Which endpoint gets a call.
        public var loadBalancing = LoadBalancing.pickFirst
        /// When endpoints that answer badly get no calls for a while; never by default.
        public var outlierDetection: OutlierDetection?
        /// When more than this share of the endpoints is ejected or cannot be connected to, those that are ejected are used all the same;
        /// 0 to 1, half by default. They are always used as long as no other is connected.
        public var panicThreshold = 0.5
        /// How endpoints that come back get their share; at once by default.
        public var slowStart: SlowStart?
        /// A circuit breaker for each endpoint, named `endpoint` and its address; none by default. An endpoint whose breaker refuses is
        /// passed over; when all refuse, the call fails with the `Rejection`. A deadline that passes is the endpoint's failure, unless it left
        /// the call less than the timeout of the call's own route.
        public var endpointBreaker: CircuitBreaker.Configuration?

        /// How requests are compressed, unless a call says otherwise; not at all by default. Answers may always come compressed.
        public var compression = MessageCompression.identity
        /// What stands in front of this library's name in `user-agent`: `my-shop/2.1`, printable ASCII without spaces around it; nothing
        /// by default.
        public var userAgentPrefix = ""
        /// What the server sees as `:authority`: a name or an address, with a port or without; by default the name and port that the
        /// client connects to.
        public var authority: String?
        /// Run around every call, the first outermost.
        public var interceptors: [ClientInterceptor] = []
        /// How many bytes of a stream's requests are kept until its first response, so that a retry or a hedge can send them again; 1 MiB
        /// by default, as in gRFC A6, and not below 0. A stream that writes more is neither retried nor hedged from then on; with 0 none
        /// is that has written.
        public var replayBufferLength = 1024 * 1024

        /// The windows of streams and of connections, which bound what a stalled stream costs.
        public var flowControl = FlowControl.standard

        /// Which policies apply to which method; none by default.
        public var policies = RouteTable.empty

        var security = TransportSecurity.plaintext
        package var limits = SessionLimits()
        /// Finds the addresses of a host that is one endpoint; nil for the system. For tests, whose system knows few names.
        var hostResolver: (any NIOPosix.Resolver & Sendable)?

        /// gRPC's defaults.
        public init() {}

        /// Checks what has no type of its own to check it.
        /// - Throws: `ConfigurationError` with the field, the value and the range.
        func check() throws(ConfigurationError) {
            try backoff.check()
            try Require.positive("connectTimeout", connectTimeout)
            try Require.within("maximumMessageLength", maximumMessageLength, 0...Int(UInt32.max))
            try Require.within("maximumHeaderListSize", maximumHeaderListSize, SessionLimits.headerListSizes)
            try Require.within("maximumConnectionsPerEndpoint", maximumConnectionsPerEndpoint, 1...1_000)
            try Require.within("maximumWaitingCalls", maximumWaitingCalls, 1...Int.max)
            if let idleTimeout { try Require.positive("idleTimeout", idleTimeout) }
            try Require.within("panicThreshold", panicThreshold, 0...1)
            try Require.within("replayBufferLength", replayBufferLength, 0...Int.max)
            if let authority { try Authority.check("authority", authority) }
            guard UserAgent.isProduct(userAgentPrefix) else {
                throw ConfigurationError(
                    "userAgentPrefix", "\"\(userAgentPrefix.printable)\"", "is not printable ASCII without spaces around it")
            }
        }
    }
}
