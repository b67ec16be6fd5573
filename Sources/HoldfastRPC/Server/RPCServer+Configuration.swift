import Holdfast

extension RPCServer {
    /// What a server accepts, and how long it bears with clients. Refused by ``RPCServer/start(host:port:security:services:interceptors:configuration:eventLoopGroup:)`` when a value is outside its range.
    public struct Configuration: Sendable {
        /// The longest message, in bytes, that is sent or accepted; 1 to 2,147,483,647, by default 4 MiB.
        public var maximumMessageLength = 4 * 1024 * 1024
        /// The longest header block, in bytes, that is accepted, counted as HTTP/2 does (names, values, 32 bytes each); 1 KiB to
        /// 64 KiB, by default 16 KiB. A longer one is answered with RESOURCE_EXHAUSTED, one of more than four times as much is reset; a
        /// single name or value above 64 KiB, which nghttp2 does not take, ends the connection.
        public var maximumHeaderListSize = 16 * 1024
        /// The calls that one connection may have at once; 1 to 2,147,483,647, by default 1,000.
        public var maximumConcurrentCalls = 1_000
        /// The connections that may be open at once; at least 1, by default 10,000. One more is accepted and closed at once, so
        /// that its client learns of it instead of waiting in the system's backlog.
        public var maximumConnections = 10_000

        /// How long a new connection has for its first HTTP/2 frame; by default 20 seconds.
        public var prefaceTimeout: Duration = .seconds(20)
        /// How long the headers of a call, and the one message of a call that has one, have to arrive completely; by default two
        /// minutes. It is looked at once per this time, so the longest is twice as long.
        public var requestTimeout: Duration = .seconds(120)
        /// How long an answer may wait for its client to read any of it, before its call is reset with CANCEL; by default five
        /// minutes, nil for as long as the client likes. It is looked at once per this time, so the longest is twice as long. A
        /// connection on which not even the reset can leave is closed at the next look.
        public var readTimeout: Duration? = .seconds(300)
        /// How long a connection may have no calls before it is drained and closed; by default 30 minutes, nil for ever. It is
        /// looked at four times per this time.
        public var idleTimeout: Duration? = .seconds(30 * 60)
        /// After how long a connection is drained and closed, give or take a tenth (gRPC A9), so that clients spread anew over
        /// servers; nil for never, the default.
        public var maximumConnectionAge: Duration?
        /// How long the calls of a connection that is too old may go on; nil for as long as they like, the default.
        public var maximumConnectionAgeGrace: Duration?
        /// How the server finds out that a client is gone.
        public var keepalive = Keepalive()
        /// Which pings of clients it puts up with.
        public var pingEnforcement = PingEnforcement()

        /// How long calls may go on at ``RPCServer/shutdown(grace:)`` when that is not told; by default five seconds.
        public var shutdownGrace: Duration = .seconds(5)

        /// Whether handlers run on their connection's event loop until they wait for the first time, which saves a call two changes of
        /// thread: a server of quick handlers does about a quarter more with it. A method whose handlers take longer than 50 microseconds until then is
        /// moved to Swift's thread pool by itself.
        ///
        /// False by default, since a handler that blocks its thread (a semaphore, `EventLoopFuture.wait()`) stops all connections of
        /// the loop, and for ever if what it waits for needs the loop.
        public var beginsHandlersOnEventLoop = false

        /// How responses are compressed for clients that read it, unless a handler says otherwise; not at all by default. Requests
        /// may always come compressed.
        public var compression = MessageCompression.identity

        /// The windows of streams and of connections, which bound what a stalled stream costs.
        public var flowControl = FlowControl.standard

        package var limits = SessionLimits()

        /// The defaults.
        public init() {}

        var sessionLimits: SessionLimits {
            var limits = limits
            limits.messageLength = maximumMessageLength
            limits.headerListSize = maximumHeaderListSize
            limits.concurrentStreams = maximumConcurrentCalls
            limits.compression = compression
            limits.flowControl = flowControl
            return limits
        }

        /// Refuses what makes no sense.
        func validate() throws(ConfigurationError) {
            try Require.within("maximumMessageLength", maximumMessageLength, 1...Int(Int32.max))
            try Require.within("maximumHeaderListSize", maximumHeaderListSize, SessionLimits.headerListSizes)
            try Require.within("maximumConcurrentCalls", maximumConcurrentCalls, 1...Int(Int32.max))
            try Require.within("maximumConnections", maximumConnections, 1...Int.max)
            try Require.positive("prefaceTimeout", prefaceTimeout)
            try Require.positive("requestTimeout", requestTimeout)
            if let readTimeout { try Require.positive("readTimeout", readTimeout) }
            if let idleTimeout { try Require.positive("idleTimeout", idleTimeout) }
            if let maximumConnectionAge { try Require.positive("maximumConnectionAge", maximumConnectionAge) }
            if let maximumConnectionAgeGrace { try Require.notNegative("maximumConnectionAgeGrace", maximumConnectionAgeGrace) }
            if let interval = keepalive.interval { try Require.positive("keepalive.interval", interval) }
            try Require.positive("keepalive.timeout", keepalive.timeout)
            try Require.notNegative("pingEnforcement.minimumInterval", pingEnforcement.minimumInterval)
            try Require.within("pingEnforcement.strikes", pingEnforcement.strikes, 0...1_000)
            try Require.notNegative("shutdownGrace", shutdownGrace)
        }
    }

    /// How a server finds out that a client is gone (gRPC A8, A9).
    public struct Keepalive: Sendable {
        /// A client that has been silent for that long is pinged; by default two hours, nil for never. Silence is looked at four
        /// times per this time.
        public var interval: Duration? = .seconds(2 * 3_600)
        /// How long it has to say anything, before its connection is closed; by default 20 seconds.
        public var timeout: Duration = .seconds(20)

        /// gRPC's defaults.
        public init() {}
    }

    /// Which pings of clients a server puts up with (gRPC A8). Whoever pings more often is told `too_many_pings` (ENHANCE_YOUR_CALM),
    /// and its connection is closed.
    public struct PingEnforcement: Sendable {
        /// The time that must lie between two pings while the server sends nothing; by default five minutes. Zero allows all.
        public var minimumInterval: Duration = .seconds(300)
        /// Whether the same holds without calls; by default then two hours must lie between two pings.
        public var permitsPingsWithoutCalls = false
        /// How many pings may come too early; by default 2. Counted anew whenever the server has sent headers or a message.
        public var strikes = 2

        /// gRPC's defaults.
        public init() {}
    }
}
