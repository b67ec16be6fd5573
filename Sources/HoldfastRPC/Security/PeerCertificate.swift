#if TLS
import NIOSSL

/// Who the other end of a connection has proved to be: its certificate, which bears the signature of an authority that this end
/// trusts (mutual TLS).
///
/// ```swift
/// guard call.clientCertificate?.dnsNames.contains("shop.internal") == true else { throw RPCError(.permissionDenied, "shops only") }
/// ```
public struct PeerCertificate: Hashable, Sendable, CustomStringConvertible {
    /// One reference for all of it, since every call of a connection has it.
    private final class Contents: Sendable {
        let commonName: String?
        let dnsNames: [String]
        let uris: [String]
        let emailAddresses: [String]
        let derBytes: [UInt8]

        init(_ certificate: NIOSSLCertificate) throws {
            commonName = certificate.subjectName.first { $0.type == .commonName }?.value
            let names = certificate._subjectAlternativeNames()
            func texts(_ type: _SubjectAlternativeName.NameType) -> [String] {
                // What is no text must not become the same text as something else.
                names.filter { $0.nameType == type }.compactMap { String(validating: $0.contents, as: UTF8.self) }
            }
            dnsNames = texts(.dnsName)
            uris = texts(.uri)
            emailAddresses = texts(.email)
            derBytes = try certificate.toDERBytes()
        }
    }

    private let contents: Contents

    /// The subject's common name; nil without one.
    public var commonName: String? { contents.commonName }
    /// The DNS names among the subject's alternative names, as they stand there; `*.example.com` is no pattern here.
    public var dnsNames: [String] { contents.dnsNames }
    /// The URIs among the subject's alternative names; an identity of SPIFFE is one.
    public var uris: [String] { contents.uris }
    /// The addresses of mail among the subject's alternative names.
    public var emailAddresses: [String] { contents.emailAddresses }
    /// All of it: the certificate in DER, for whatever else is to be known of it.
    public var derBytes: [UInt8] { contents.derBytes }

    /// - Throws: when the certificate cannot be written down again, which none is that was read.
    init(_ certificate: NIOSSLCertificate) throws {
        contents = try Contents(certificate)
    }

    /// Certificates are the same when all their bytes are.
    public static func == (one: PeerCertificate, other: PeerCertificate) -> Bool {
        one.contents === other.contents || one.derBytes == other.derBytes
    }

    /// Hashes the certificate's bytes.
    public func hash(into hasher: inout Hasher) {
        derBytes.withUnsafeBytes { hasher.combine(bytes: $0) }
    }

    /// The common name, or the first alternative one.
    public var description: String {
        (commonName ?? uris.first ?? dnsNames.first ?? emailAddresses.first ?? "a certificate without a name").printable
    }
}
#endif
