#if TLS
import Holdfast
import NIOSSL

/// What one side of a connection proves who it is with.
public struct TLSIdentity: Hashable, Sendable {
    /// The certificate, and behind it those that lead to a root, in this order.
    public var certificateChain: PEMSource
    /// The certificate's private key, without a passphrase.
    public var privateKey: PEMSource

    /// Makes an identity; nothing is read yet.
    public init(certificateChain: PEMSource, privateKey: PEMSource) {
        self.certificateChain = certificateChain
        self.privateKey = privateKey
    }

    var files: [String] { [certificateChain.path, privateKey.path].compactMap(\.self) }

    func load(into configuration: inout TLSConfiguration) throws(ConfigurationError) {
        configuration.certificateChain = try certificateChain.certificates("identity.certificateChain").map { .certificate($0) }
        configuration.privateKey = .privateKey(try privateKey.privateKey("identity.privateKey"))
    }
}
#endif
