#if TLS
public import Holdfast
import NIOSSL

extension RPCServer {
    /// How a server proves who it is, and what it asks of its clients.
    public struct TLSOptions: Sendable {
        /// The server's certificate and key.
        public var identity: TLSIdentity
        /// Whether clients must prove who they are.
        public var clientVerification: ClientVerification
        /// How long a client may take for the handshake before its connection is closed; 10 s by default.
        public var handshakeTimeout: Duration = .seconds(10)
        /// Hears of clients with which no connection came about: their address, and one sentence about the reason. Runs on an event loop,
        /// and must return quickly.
        public var onHandshakeFailure: (@Sendable (_ client: String, _ reason: String) -> Void)?
        /// How often the files are looked at for changes; nil for ``TransportSecurity/reload()`` only.
        public var reloadInterval: Duration? = .seconds(30)
        /// Hears of files that have changed: nil when they are in use, an error when what was read before stays in use.
        public var onReload: (@Sendable (ConfigurationError?) -> Void)?

        /// A server that shows `identity`, and asks its clients for a certificate if `clientVerification` says so.
        public init(identity: TLSIdentity, clientVerification: ClientVerification = .none) {
            self.identity = identity
            self.clientVerification = clientVerification
        }

        var files: [String] { identity.files + (clientVerification.roots?.files ?? []) }

        func validate() throws(ConfigurationError) {
            guard handshakeTimeout >= .nanoseconds(1) else {
                throw ConfigurationError("handshakeTimeout", handshakeTimeout, "is not above zero")
            }
            if let reloadInterval, reloadInterval < .nanoseconds(1) {
                throw ConfigurationError("reloadInterval", reloadInterval, "is not above zero")
            }
        }

        func makeContext() throws(ConfigurationError) -> NIOSSLContext {
            // The identity is put in below, where its errors are told apart.
            var configuration = TLSConfiguration.makeServerConfiguration(
                certificateChain: [], privateKey: .privateKey(try identity.privateKey.privateKey("identity.privateKey")))
            try identity.load(into: &configuration)
            switch clientVerification {
            case .none: configuration.certificateVerification = .none
            case .optional: configuration.certificateVerification = .optionalVerification
            case .required: configuration.certificateVerification = .noHostnameVerification
            }
            if let roots = clientVerification.roots { configuration.trustRoots = try roots.load("clientVerification.roots") }
            return try NIOSSLContext(http2: configuration, identity: identity)
        }
    }
}
#endif
