import Holdfast
import Testing

@testable import HoldfastRPC

// One after another: each row has threads of its own.
@Suite("What the client makes of a server of ill will", .serialized)
struct HostileServerTests {
    private static func client(port: Int) throws -> RPCClient {
        var configuration = RPCClient.Configuration()
        configuration.backoff.base = .milliseconds(1)
        configuration.backoff.maximum = .milliseconds(1)
        return try RPCClient(host: "127.0.0.1", port: port, security: .plaintext, configuration: configuration)
    }

    @Test(
        "Each answer is one clear end, and nobody else is harmed",
        arguments: HostileServer.connections + HostileServer.headerBlocks + HostileServer.messages + HostileServer.floods)
    func end(_ row: HostileServer) async throws {
        let (listener, port, connections) = try row.serve()
        defer { listener.stop() }
        let client = try Self.client(port: port)
        // Another call is open on the connection all the while.
        let other = await Result {
            try await client.clientStreaming(FourKinds.clientStreaming) { requests in
                try await requests.write("x")
                await call(client, row)
            }.message
        }
        switch row.connection {
        case .survives:
            #expect(connections.count == 1)
            #expect(try other.get() == "A")
        case .breaks: #expect((other.failure as? RPCError)?.code == .unavailable)
        case .either: break
        }
        // The client recovers.
        while (try? await client.clientStreaming(FourKinds.clientStreaming) { _ in }) == nil { await Task.yield() }
        if case .breaks = row.connection { #expect(connections.count > 1) }
        await client.shutdown()
    }

    private func call(_ client: RPCClient, _ row: HostileServer) async {
        let options = CallOptions(timeout: .seconds(10))
        let end = await Result { try await client.unary(FourKinds.unary, "x", options: options).message }
        guard let code = row.code else { return #expect((try? end.get()) == "A", "\(end)") }
        let error = end.failure as? RPCError
        #expect(error?.code == code, "\(end)")
        #expect(error?.message.contains(row.message) == true, "\(error?.message ?? "")")
    }

    @Test("A server that speaks no HTTP/2 cannot be connected to", arguments: ["HTTP/1.1 400 Bad Request\r\n\r\n", "SSH-2.0-x\r\n"])
    func noHTTP2(greeting: String) async throws {
        let server = try ScriptedServer(greeting: Array(greeting.utf8), answer: [])
        let client = try RPCClient(host: "127.0.0.1", port: server.port, security: .plaintext)
        let error = await #expect(throws: RPCError.self) { try await client.unary(FourKinds.unary, "x") }
        #expect(error?.isConnectionError == true)
        #expect(error?.message.contains("HTTP/2") == true, "\(error?.message ?? "")")
        await client.shutdown()
    }
}

extension Result where Failure == any Error {
    /// What `body` returned or threw.
    nonisolated(nonsending) init(_ body: () async throws -> Success) async {
        do {
            self = .success(try await body())
        } catch {
            self = .failure(error)
        }
    }

    var failure: (any Error)? {
        if case .failure(let error) = self { error } else { nil }
    }
}
