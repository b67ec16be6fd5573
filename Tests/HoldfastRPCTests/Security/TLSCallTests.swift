#if TLS
import Foundation
import Holdfast
import SwiftProtobuf
import Testing

@testable import HoldfastRPC

@Suite("Calls over TLS")
struct TLSCallTests {
    private let files: TestCertificates

    init() throws {
        files = try TestCertificates.shared.get()
    }

    @Test("A client that trusts the server's authority calls it by name and by address", arguments: ["localhost", "127.0.0.1"])
    func serverOnly(host: String) async throws {
        try await withTLSServer(RPCServer.TLSOptions(identity: files.identity("server"))) { server, _ in
            let security = try RPCClient.TransportSecurity.tls(.init(roots: files.roots()))
            let client = try RPCClient(host: host, port: server.port, security: security)
            let long = Google_Protobuf_BytesValue(Data(repeating: 120, count: 3_000_000))
            #expect(try await client.unary(FourKinds.bytes, long).message == long)
            let upper = try await client.bidirectional(FourKinds.bidirectional) { requests, responses in
                try await requests.write("x")
                let answer = try await responses.next()
                requests.finish()
                return answer
            }
            #expect(upper == "X")
            await client.shutdown()
        }
    }

    @Test("Certificates and keys may be given as text")
    func text() async throws {
        let identity = TLSIdentity(
            certificateChain: .bytes(try files.text("server.pem")), privateKey: .bytes(try files.text("server.key")))
        try await withTLSServer(RPCServer.TLSOptions(identity: identity)) { server, _ in
            let security = try RPCClient.TransportSecurity.tls(.init(roots: .pem(.bytes(try files.text("ca.pem")))))
            #expect(await tryCall(port: server.port, security: security) == nil)
        }
    }

    @Test("The name to ask for and to verify can be another than the host's")
    func serverName() async throws {
        try await withTLSServer(RPCServer.TLSOptions(identity: files.identity("elsewhere"))) { server, _ in
            let security = try RPCClient.TransportSecurity.tls(.init(roots: files.roots(), serverName: "elsewhere.test"))
            #expect(await tryCall(port: server.port, security: security) == nil)
        }
    }

    @Test("A client with a certificate that the server trusts is let in, one without where that is optional")
    func mutual() async throws {
        let anonymous = try RPCClient.TransportSecurity.tls(.init(roots: files.roots()))
        let known = try RPCClient.TransportSecurity.tls(.init(roots: files.roots(), identity: files.identity("client")))
        for verification in [ClientVerification.required(files.roots()), .optional(files.roots())] {
            let options = RPCServer.TLSOptions(identity: files.identity("server"), clientVerification: verification)
            try await withTLSServer(options) { server, _ in
                #expect(await tryCall(port: server.port, security: known) == nil)
                guard case .optional = verification else { return }
                #expect(await tryCall(port: server.port, security: anonymous) == nil)
            }
        }
    }

    @Test("A graceful shutdown waits for the calls of encrypted connections")
    func graceful() async throws {
        let options = RPCServer.TLSOptions(identity: files.identity("server"))
        let server = try await RPCServer.start(
            host: "127.0.0.1", port: 0, security: .tls(options), services: [FourKindsService()])
        let client = try RPCClient(host: "127.0.0.1", port: server.port, security: try .tls(.init(roots: files.roots())))
        let answer = try await client.bidirectional(FourKinds.bidirectional) { requests, responses in
            try await requests.write("x")
            _ = try await responses.next()
            async let stopped: Void = server.shutdown(grace: .seconds(60))
            try await requests.write("y")
            let answer = try await responses.next()
            requests.finish()
            #expect(try await responses.next() == nil)
            await stopped
            return answer
        }
        #expect(answer == "Y")
        await client.shutdown()
    }
}
#endif
