#if TLS
import Holdfast
import NIOCore
import NIOSSL

extension NIOSSLContext {
    /// Makes a context from `configuration` and what HTTP/2 asks of TLS (RFC 9113, 9.2).
    /// - Parameter identity: names the sources in errors; they have been loaded into `configuration`.
    convenience init(http2 configuration: TLSConfiguration, identity: TLSIdentity?) throws(ConfigurationError) {
        var configuration = configuration
        configuration.applicationProtocols = ["h2"]
        configuration.minimumTLSVersion = .tlsv12
        // For TLS 1.2: forward secrecy and authenticated encryption only; all else is on HTTP/2's list of forbidden suites.
        configuration.cipherSuiteValues = [
            .TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, .TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
            .TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, .TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
            .TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, .TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
        ]
        // GOAWAY and statuses say what was complete, so that little hangs on the peer's goodbye.
        configuration.shutdownTimeout = .milliseconds(500)
        do {
            try self.init(configuration: configuration)
        } catch NIOSSLError.failedToLoadPrivateKey where identity != nil {
            throw ConfigurationError(
                "identity.privateKey", identity!.privateKey,
                "is not the key of the first certificate in \(identity!.certificateChain)")
        } catch {
            throw ConfigurationError("TLS", error, "prevents a TLS context from being made")
        }
    }
}
#endif
