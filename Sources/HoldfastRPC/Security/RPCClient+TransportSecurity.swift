import NIOCore

#if TLS
public import Holdfast
import NIOSSL
#endif

extension RPCClient {
    /// Whether a client's connections are encrypted. There is no default: whoever wants plaintext says so.
    public struct TransportSecurity: Sendable {
        private enum Value: Sendable {
            case plaintext
            #if TLS
            case tls(TLSContext, serverName: String?)
            #endif
        }

        private let value: Value

        private init(_ value: Value) {
            self.value = value
        }

        /// No encryption, HTTP/2 by prior knowledge: for networks where nobody listens, and nobody answers in the server's place.
        public static let plaintext = TransportSecurity(.plaintext)

        #if TLS
        /// TLS 1.2 or later with HTTP/2 by ALPN, as RFC 9113 asks for. Several clients may share one.
        ///
        /// Reads the files now, and again whenever they change: connections made from then on use what is new, those that are open
        /// stay. With the trait `TLS` only.
        /// - Throws: `ConfigurationError`, when a file cannot be read, or does not hold what it should.
        public static func tls(_ options: TLSOptions = TLSOptions()) throws(ConfigurationError) -> TransportSecurity {
            try options.validate()
            let context = try TLSContext(
                files: options.files, interval: options.reloadInterval, onReload: options.onReload, make: options.makeContext)
            return TransportSecurity(.tls(context, serverName: options.serverName))
        }

        /// Reads the files again, at once, whether they have changed or not.
        /// - Throws: `ConfigurationError`; what was read before stays in use then.
        public func reload() throws(ConfigurationError) {
            if case .tls(let context, _) = value { try context.reload() }
        }
        #endif

        /// What goes into `:scheme`.
        var scheme: StaticString {
            switch value {
            case .plaintext: "http"
            #if TLS
            case .tls: "https"
            #endif
            }
        }

        #if TLS
        /// Refuses what no certificate can bear.
        func check(authority: String) throws(ConfigurationError) {
            if case .tls(_, serverName: nil) = value { _ = try TLSServerName.of(authority: authority) }
        }
        #endif

        /// Puts what encrypts a connection in front of the session.
        /// - Parameter authority: what the client calls the server; its certificate must bear that name, if no other was given.
        func addHandlers(to channel: any Channel, authority: String) throws {
            switch value {
            case .plaintext:
                try channel.pipeline.syncOperations.addHandler(TLSAlertDetector())
            #if TLS
            case .tls(let context, let serverName):
                let handler = try NIOSSLClientHandler(
                    context: context.current, serverHostname: serverName ?? TLSServerName.of(authority: authority))
                try channel.pipeline.syncOperations.addHandlers(handler, TLSGuard(role: .client))
            #endif
            }
        }
    }
}
