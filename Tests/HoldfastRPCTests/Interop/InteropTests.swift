import Foundation
import Holdfast
import HoldfastRPC
import Testing

@Suite("gRPC's interoperability cases")
struct InteropTests {
    @Test("Our client against our server", arguments: InteropCase.allCases)
    func own(_ interop: InteropCase) async throws {
        let server = try await RPCServer.start(host: "127.0.0.1", port: 0, security: .plaintext, services: [InteropService()])
        let client = try RPCClient(host: "127.0.0.1", port: server.port, security: .plaintext)
        try await interop.run(client, looksAtCompression: true)
        await client.shutdown()
        await server.shutdown(grace: .zero)
    }

    /// One server for all cases; it ends with the tests, which close its input.
    static let foreignServer = Task {
        let peer = try ForeignPeer("interop_server.py")
        return (peer: peer, port: try #require(Int(try await peer.line() ?? "")))
    }

    @Test(
        "Our client against grpcio's server", .enabled(if: ForeignPeer.isRequired, "set HOLDFAST_PYTHON to a Python with grpcio"),
        arguments: InteropCase.allCases)
    func foreignServer(_ interop: InteropCase) async throws {
        let client = try RPCClient(host: "127.0.0.1", port: try await Self.foreignServer.value.port, security: .plaintext)
        try await interop.run(client, looksAtCompression: false)
        await client.shutdown()
    }

    /// What grpcio's client says of each case when it calls that port: nil for success.
    static func foreignResults(port: Int) async throws -> [String: String?] {
        struct Line: Decodable {
            let `case`: String
            let error: String?
        }
        let peer = try ForeignPeer("interop_client.py", [String(port)])
        var results: [String: String?] = [:]
        while let text = try await peer.line() {
            let line = try JSONDecoder().decode(Line.self, from: Data(text.utf8))
            results.updateValue(line.error, forKey: line.case)
        }
        _ = try await peer.finish()
        return results
    }

    private static let foreignResults = Task {
        let server = try await RPCServer.start(host: "127.0.0.1", port: 0, security: .plaintext, services: [InteropService()])
        let results = try await foreignResults(port: server.port)
        await server.shutdown(grace: .zero)
        return results
    }

    @Test(
        "grpcio's client against our server", .enabled(if: ForeignPeer.isRequired, "set HOLDFAST_PYTHON to a Python with grpcio"),
        arguments: InteropCase.allCases)
    func foreignClient(_ interop: InteropCase) async throws {
        let result = try #require(try await Self.foreignResults.value[interop.rawValue], "the client did not run the case")
        #expect(result == nil)
    }
}
