import NIOCore

/// The client's end of a connection, as calls see it.
struct ServerPeer: Sendable {
    /// `192.0.2.1:50000`, `[2001:db8::1]:50000`, or `unix` for a Unix domain socket.
    let address: String
    /// The same without the port, which differs from connection to connection.
    let host: String
    #if TLS
    /// Nil until the handshake is over, and for clients that gave none.
    var certificate: PeerCertificate?
    #endif

    init(_ address: SocketAddress?) {
        switch address {
        case .unixDomainSocket:
            host = "unix"
            self.address = host
        case .v4, .v6:
            host = address?.ipAddress ?? "unknown"
            let name = host.contains(":") ? "[\(host)]" : host
            self.address = "\(name):\(address?.port ?? 0)"
        case nil:
            host = "unknown"
            self.address = host
        }
    }
}
