#if TLS
import NIOSSL

/// Why TLS with a peer came to nothing, in a sentence.
struct TLSFailure: Error, CustomStringConvertible {
    let description: String

    init(description: String) {
        self.description = description
    }

    static func noHTTP2(_ role: HTTP2Session.Role) -> TLSFailure {
        TLSFailure(description: "the \(role.peer) speaks TLS, but does not offer HTTP/2 in it (ALPN \"h2\")")
    }

    /// A server that refuses a client in TLS 1.3 does so after the client's side of the handshake, and not all send an alert.
    static let closedAtOnce = TLSFailure(
        description: "the server closed the connection right after the TLS handshake, perhaps for want of a client certificate "
            + "that it trusts")

    /// - Parameters:
    ///   - error: what NIOSSL reported.
    ///   - role: which side this one is.
    ///   - certificate: the peer's, as far as it is known.
    init(_ error: any Error, role: HTTP2Session.Role, certificate: NIOSSLCertificate?) {
        switch error {
        case let error as TLSFailure: self = error
        case NIOSSLError.handshakeFailed(let error), let error as BoringSSLError:
            self.init(Self.stack(of: error), role, certificate)
        case let error as NIOSSLExtraError where error == .failedToValidateHostname:
            let names = certificate.map(CertificateText.names) ?? "no name"
            self.init(description: "the server's certificate is for another name: it bears \(names)")
        default: self.init(description: "\(error)")
        }
    }

    private init(_ stack: NIOBoringSSLErrorStack, _ role: HTTP2Session.Role, _ certificate: NIOSSLCertificate?) {
        let peer = role.peer
        if stack.contains(.eofDuringHandshake) {
            self.init(description: "the \(peer) closed the connection during the TLS handshake")
            return
        }
        let reasons = stack.map(Self.reason)
        if reasons.contains("CERTIFICATE_VERIFY_FAILED") {
            self.init(description: CertificateText.complaint(about: certificate, of: peer, to: role.own))
        } else if let text = reasons.lazy.compactMap({ Self.text($0, role) }).first {
            self.init(description: text)
        } else {
            self.init(description: "TLS with the \(peer) failed: \(reasons.first ?? "no reason is known")")
        }
    }

    /// What BoringSSL's reasons mean. Those with ALERT in their name were sent by the peer.
    private static func text(_ reason: String, _ role: HTTP2Session.Role) -> String? {
        let (own, peer) = (role.own, role.peer)
        switch reason {
        case "WRONG_VERSION_NUMBER", "HTTP_REQUEST", "HTTPS_PROXY_REQUEST": return "the \(peer) does not speak TLS"
        case "PEER_DID_NOT_RETURN_A_CERTIFICATE": return "the client gave no certificate, and this server requires one"
        case "TLSV1_ALERT_CERTIFICATE_REQUIRED", "TLSV1_CERTIFICATE_REQUIRED":
            return "the server requires a certificate of the client, and none was given"
        case "TLSV1_ALERT_UNKNOWN_CA": return "the \(peer) does not trust the authority that signed this \(own)'s certificate"
        case "SSLV3_ALERT_CERTIFICATE_EXPIRED": return "the \(peer) refuses this \(own)'s certificate, since it is not valid now"
        case "SSLV3_ALERT_BAD_CERTIFICATE", "SSLV3_ALERT_CERTIFICATE_UNKNOWN", "SSLV3_ALERT_UNSUPPORTED_CERTIFICATE",
            "SSLV3_ALERT_CERTIFICATE_REVOKED", "TLSV1_ALERT_ACCESS_DENIED":
            return "the \(peer) refuses this \(own)'s certificate (\(reason))"
        case "TLSV1_ALERT_NO_APPLICATION_PROTOCOL", "NO_APPLICATION_PROTOCOL": return noHTTP2(role).description
        case "TLSV1_ALERT_PROTOCOL_VERSION", "UNSUPPORTED_PROTOCOL":
            return "the \(peer) speaks no version of TLS that this \(own) does, which are 1.2 and 1.3"
        case "SSLV3_ALERT_HANDSHAKE_FAILURE", "NO_SHARED_CIPHER", "NO_CIPHERS_SPECIFIED", "TLSV1_ALERT_INSUFFICIENT_SECURITY":
            return "the \(peer) and this \(own) found no way of encryption, or of proving who they are, in common (\(reason))"
        default: return nil
        }
    }

    private static func stack(of error: BoringSSLError) -> NIOBoringSSLErrorStack {
        switch error {
        case .sslError(let stack), .unknownError(let stack), .invalidSNIName(let stack), .failedToSetALPN(let stack): stack
        default: []
        }
    }

    /// BoringSSL's name for the reason. There is no other way to it than to cut it out of
    /// `Error: 268435581 error:1000007d:SSL routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED at /path/file.cc:1`.
    private static func reason(_ error: BoringSSLInternalError) -> String {
        let parts = error.description.split(separator: ":OPENSSL_internal:", maxSplits: 1)
        guard parts.count == 2 else { return error.description }
        return String(parts[1].prefix { $0 != " " })
    }
}

extension HTTP2Session.Role {
    fileprivate var own: String { self == .client ? "client" : "server" }
    fileprivate var peer: String { self == .client ? "server" : "client" }
}
#endif
