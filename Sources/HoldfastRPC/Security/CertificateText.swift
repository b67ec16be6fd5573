#if TLS
import NIOSSL

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// What messages say about a peer's certificate. All texts in it are the peer's, and are cut and cleaned.
enum CertificateText {
    /// Why a certificate that failed verification did so, as far as it shows: NIOSSL does not pass the reason on.
    static func complaint(about certificate: NIOSSLCertificate?, of peer: String, to own: String) -> String {
        guard let certificate else { return "the \(peer)'s certificate could not be verified" }
        let now = time(nil)
        let subject = name(certificate.subjectName)
        if now > certificate.notValidAfter {
            return "the \(peer)'s certificate (\(subject)) has expired, on \(date(certificate.notValidAfter))"
        }
        if now < certificate.notValidBefore {
            return "the \(peer)'s certificate (\(subject)) is not valid yet, but from \(date(certificate.notValidBefore)) on"
        }
        let issuer = name(certificate.issuerName)
        return "the \(peer)'s certificate (\(subject)) was signed by an authority (\(issuer)) that this \(own) does not trust"
    }

    /// The names that a certificate is good for.
    static func names(_ certificate: NIOSSLCertificate) -> String {
        let all = certificate._subjectAlternativeNames()
        // A hostile server's certificate may have thousands.
        let shown = all.prefix(5).map { name in
            switch name.nameType {
            case .dnsName: String(decoding: name.contents, as: UTF8.self).printable
            case .ipAddress: address(Array(name.contents))
            default: "another kind of name"
            }
        }
        if shown.isEmpty { return "no name" }
        return shown.joined(separator: ", ") + (all.count > shown.count ? " and \(all.count - shown.count) more" : "")
    }

    private static func address(_ bytes: [UInt8]) -> String {
        if bytes.count == 4 { return bytes.map { String($0) }.joined(separator: ".") }
        return "the address " + bytes.prefix(16).map { String($0, radix: 16) }.joined(separator: ":")
    }

    private static func name(_ parts: [SSLCertificateName]) -> String {
        let part = parts.first { $0.type == .commonName } ?? parts.first
        return part?.value.printable ?? "nameless"
    }

    private static func date(_ time: time_t) -> String {
        var (time, parts) = (time, tm())
        guard gmtime_r(&time, &parts) != nil else { return "\(time)" }
        let numbers = [Int(parts.tm_year) + 1_900, Int(parts.tm_mon) + 1, Int(parts.tm_mday)]
        return numbers.map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(separator: "-")
    }
}
#endif
