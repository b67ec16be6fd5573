#if TLS
public import Holdfast
import NIOSSL

extension RPCClient {
    /// How a client makes sure of its server, and the server of it.
    public struct TLSOptions: Sendable {
        /// Who may have signed the server's certificate.
        public var roots = TrustRoots.system
        /// What the client shows to servers that ask for a certificate (mutual TLS).
        public var identity: TLSIdentity?
        /// The DNS name that the server is asked for (SNI), and that its certificate must bear; the host connected to unless given.
        public var serverName: String?
        /// How often the files are looked at for changes; nil for ``TransportSecurity/reload()`` only.
        public var reloadInterval: Duration? = .seconds(30)
        /// Hears of files that have changed: nil when they are in use, an error when what was read before stays in use.
        public var onReload: (@Sendable (ConfigurationError?) -> Void)?

        /// The system's roots, and no certificate of the client's own.
        public init(roots: TrustRoots = .system, identity: TLSIdentity? = nil, serverName: String? = nil) {
            self.roots = roots
            self.identity = identity
            self.serverName = serverName
        }

        var files: [String] { roots.files + (identity?.files ?? []) }

        func validate() throws(ConfigurationError) {
            if let serverName { try TLSServerName.check(serverName, "serverName") }
            if let reloadInterval, reloadInterval < .nanoseconds(1) {
                throw ConfigurationError("reloadInterval", reloadInterval, "is not above zero")
            }
        }

        func makeContext() throws(ConfigurationError) -> NIOSSLContext {
            var configuration = TLSConfiguration.makeClientConfiguration()
            configuration.trustRoots = try roots.load("roots")
            try identity?.load(into: &configuration)
            return try NIOSSLContext(http2: configuration, identity: identity)
        }
    }
}
#endif
