import GRPCCore
import GRPCNIOTransportHTTP2Posix

/// A server of grpc-swift-2 with the methods of the interoperability cases.
struct GRPCSwiftServer {
    let port: Int
    private let server: GRPCServer<HTTP2ServerTransport.Posix>

    /// Takes no more calls, and lets those that run finish.
    func beginShutdown() {
        server.beginGracefulShutdown()
    }

    /// Calls `body` with a server that ends when it returns.
    /// - Parameter compresses: whether it reads gzip, and compresses all that it sends to a client which reads it.
    static func run(compresses: Bool, _ body: (GRPCSwiftServer) async throws -> Void) async throws {
        let transport = HTTP2ServerTransport.Posix(
            address: .ipv4(host: "127.0.0.1", port: 0), transportSecurity: .plaintext,
            config: .defaults { $0.compression.enabledAlgorithms = compresses ? .gzip : .none })
        try await withGRPCServer(transport: transport, services: [GRPCSwiftService()]) { server in
            guard let port = try await transport.listeningAddress.ipv4?.port else { return }
            try await body(GRPCSwiftServer(port: port, server: server))
        }
    }
}
