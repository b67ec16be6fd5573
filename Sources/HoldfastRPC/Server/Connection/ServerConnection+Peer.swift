#if TLS
import NIOCore
import NIOSSL

extension ServerConnection {
    /// Notes who the client is. Its first settings come before its first call, and behind the handshake.
    func identifyPeer() {
        // Without TLS there is no handler to ask.
        guard peer.certificate == nil, let pipeline = context?.pipeline.syncOperations,
            let certificate = try? pipeline.nioSSL_peerCertificate()
        else { return }
        peer.certificate = try? PeerCertificate(certificate)
    }
}
#endif
