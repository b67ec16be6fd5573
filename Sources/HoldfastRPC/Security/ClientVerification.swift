#if TLS
/// Whether a server wants to know who its clients are (mutual TLS).
public enum ClientVerification: Hashable, Sendable {
    /// Clients are not asked for a certificate.
    case none
    /// A client may stay without a certificate; one that it gives must be signed by these.
    case optional(TrustRoots)
    /// Every client must give a certificate that is signed by these.
    case required(TrustRoots)

    var roots: TrustRoots? {
        switch self {
        case .none: nil
        case .optional(let roots), .required(let roots): roots
        }
    }
}
#endif
