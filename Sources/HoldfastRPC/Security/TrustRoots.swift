#if TLS
import Holdfast
import NIOSSL

/// Whose signature makes a peer's certificate good.
public enum TrustRoots: Hashable, Sendable {
    /// The authorities that the operating system trusts.
    case system
    /// These certificates and no others.
    case pem(PEMSource)

    var files: [String] {
        guard case .pem(let source) = self, let path = source.path else { return [] }
        return [path]
    }

    func load(_ field: String) throws(ConfigurationError) -> NIOSSLTrustRoots {
        switch self {
        case .system: .default
        case .pem(let source): .certificates(try source.certificates(field))
        }
    }
}
#endif
