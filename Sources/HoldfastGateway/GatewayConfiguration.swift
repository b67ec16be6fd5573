import Holdfast

extension Gateway {
    /// What a gateway accepts, and how long it bears with clients. Refused by
    /// ``Gateway/start(host:port:routes:limits:configuration:eventLoopGroup:onRequest:)`` when a value is outside its range.
    public struct Configuration: Sendable {
        /// Which web pages may ask: those of the gateway's own address always.
        public enum Origins: Sendable, Hashable {
            /// Pages of these origins too, such as `https://shop.example`; with their cookies.
            case these(Set<String>)
            /// All pages, but without cookies.
            case all
        }

        /// The connections that may be open at once; 1 to 1,000,000, 1,000 by default. One more is told 503 and closed.
        public var maximumConnections = 1_000
        /// How many of them one client may have; 1 to 1,000,000, 200 by default, so that no one client takes them all. One more is told
        /// 503 and closed. A client is an address of IPv4, or a network of 64 bits of IPv6; behind a proxy that speaks for all clients
        /// it is the proxy, which is to have as many as there may be.
        public var maximumConnectionsPerAddress = 200
        /// The most bytes of a request's headers together; 1 KiB to 1 MiB, 16 KiB by default. More is 431.
        public var maximumHeaderSize = 16 * 1024
        /// The most headers of a request; 8 to 1,000, 100 by default. More is 431.
        public var maximumHeaderCount = 100
        /// The longest message of a client, in bytes of JSON; 1 KiB to 64 MiB, 1 MiB by default. A longer one is 413, and 1009 on a
        /// WebSocket. A connection holds a few such messages at most.
        public var maximumMessageLength = 1024 * 1024

        /// How long a connection has for the headers of its first request; 10 seconds by default. Then it is told 408 and closed.
        public var headerTimeout: Duration = .seconds(10)
        /// How long a connection is kept without a request, and how long the headers of a further one may take; a minute by default.
        public var keepAliveTimeout: Duration = .seconds(60)
        /// How long the body of a request with one message may be silent; 10 seconds by default. Then it is 408.
        public var bodyTimeout: Duration = .seconds(10)
        /// The same for a stream of messages; 5 minutes by default.
        public var streamTimeout: Duration = .seconds(300)
        /// How long a client may take none of what is sent to it; 30 seconds by default. Then its connection is closed.
        public var writeTimeout: Duration = .seconds(30)
        /// How long a call with one answer may take altogether; 15 seconds by default. Then it is 504. A client may ask for less with
        /// `Grpc-Timeout`, for streams too.
        public var callTimeout: Duration = .seconds(15)
        /// How often a WebSocket is pinged; 20 seconds by default. One that has said nothing until the next ping is closed.
        public var pingInterval: Duration = .seconds(20)
        /// How long a client has to end a connection that the gateway wants ended; 2 seconds by default.
        public var closeTimeout: Duration = .seconds(2)

        /// Which web pages of other origins may ask; none by default.
        public var origins = Origins.these([])
        /// The keys that clients may show in `X-API-Key`; each is a client of its own to the limits. Whoever shows none is known by
        /// the address, and who shows another gets 401. None by default.
        public var apiKeys: Set<String> = []
        /// The cookie whose value a WebSocket's calls carry as a bearer token; `token` by default. A browser can set no header there.
        public var tokenCookie = "token"

        /// The defaults.
        public init() {}

        func check() throws(ConfigurationError) {
            try Require.within("maximumConnections", maximumConnections, 1...1_000_000)
            try Require.within("maximumConnectionsPerAddress", maximumConnectionsPerAddress, 1...1_000_000)
            try Require.within("maximumHeaderSize", maximumHeaderSize, 1024...1024 * 1024)
            try Require.within("maximumHeaderCount", maximumHeaderCount, 8...1_000)
            try Require.within("maximumMessageLength", maximumMessageLength, 1024...64 * 1024 * 1024)
            try Require.positive("headerTimeout", headerTimeout)
            try Require.positive("keepAliveTimeout", keepAliveTimeout)
            try Require.positive("bodyTimeout", bodyTimeout)
            try Require.positive("streamTimeout", streamTimeout)
            try Require.positive("writeTimeout", writeTimeout)
            try Require.positive("callTimeout", callTimeout)
            try Require.positive("pingInterval", pingInterval)
            try Require.positive("closeTimeout", closeTimeout)
            guard !apiKeys.contains(where: \.isEmpty) else { throw ConfigurationError("apiKeys", "\"\"", "is empty; give a key") }
        }
    }
}
