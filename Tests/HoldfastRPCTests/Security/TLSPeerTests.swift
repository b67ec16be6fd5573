#if TLS
import Foundation
import Holdfast
import Testing

@testable import HoldfastRPC

@Suite("grpcio over TLS", .enabled(if: ForeignPeer.isRequired, "set HOLDFAST_PYTHON to a Python with grpcio"))
struct TLSPeerTests {
    private let files: TestCertificates

    init() throws {
        files = try TestCertificates.shared.get()
    }

    @Test("Our client calls a grpcio server", arguments: [false, true])
    func foreignServer(isMutual: Bool) async throws {
        let identity = [files.path("server.pem"), files.path("server.key")]
        let peer = try ForeignPeer("tls_server.py", identity + (isMutual ? [files.path("ca.pem")] : []))
        let port = try #require(Int(try await peer.line() ?? ""))
        let options = RPCClient.TLSOptions(roots: files.roots(), identity: isMutual ? files.identity("client") : nil)
        let client = try RPCClient(host: "localhost", port: port, security: try .tls(options))
        #expect(try await client.unary(FourKinds.unary, "hello").message == "HELLO")
        let words = try await client.serverStreaming(FourKinds.serverStreaming, "one two") { responses in
            try await responses.reduce(into: []) { $0.append($1.text) }
        }
        #expect(words == ["one", "two"])
        await client.shutdown()
        if isMutual {
            let anonymous = await tryCall(host: "localhost", port: port, security: try .tls(.init(roots: files.roots())))
            #expect(anonymous?.isConnectionError == true)
            // grpcio sends no alert, so that the client can only guess.
            #expect(
                anonymous?.message == "could not connect to localhost:\(port): the server closed the connection right after the "
                    + "TLS handshake, perhaps for want of a client certificate that it trusts")
        }
        #expect(try await peer.finish() == 0)
    }

    @Test("A grpcio client calls our server", arguments: [false, true])
    func foreignClient(isMutual: Bool) async throws {
        let verification: ClientVerification = isMutual ? .required(files.roots()) : .none
        try await withTLSServer(.init(identity: files.identity("server"), clientVerification: verification)) { server, _ in
            let identity = isMutual ? [files.path("client.pem"), files.path("client.key")] : []
            let peer = try ForeignPeer("tls_client.py", [String(server.port), files.path("ca.pem")] + identity)
            #expect(try await peer.line() == #"["HELLO", "one", "two"]"#)
            #expect(try await peer.finish() == 0)
        }
    }

    @Test("A grpcio client without a certificate is turned away where one is required")
    func foreignAnonymous() async throws {
        let options = RPCServer.TLSOptions(
            identity: files.identity("server"), clientVerification: .required(files.roots()))
        try await withTLSServer(options) { server, _ in
            let peer = try ForeignPeer("tls_client.py", [String(server.port), files.path("ca.pem")])
            #expect(try await peer.line() == #""UNAVAILABLE""#)
            #expect(try await peer.finish() == 0)
        }
    }
}
#endif
