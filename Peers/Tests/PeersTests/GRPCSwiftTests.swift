import GRPCCore
import Holdfast
import HoldfastRPC
import Testing

/// The interoperability cases between grpc-swift-2 and us. Of all that they ask for it lacks two things: its server compresses
/// either all answers of its clients or none, and its client all messages of a call or none.
@Suite("grpc-swift-2", .timeLimit(.minutes(3)))
struct GRPCSwiftTests {
    @Test("Our client against its server", arguments: InteropCase.allCases)
    func server(_ interop: InteropCase) async throws {
        try await GRPCSwiftServer.run(compresses: interop.rawValue.contains("compressed")) { server in
            let client = try RPCClient(host: "127.0.0.1", port: server.port, security: .plaintext)
            try await interop.run(client, looksAtCompression: true)
            await client.shutdown()
        }
    }

    @Test("Its client against our server", arguments: InteropCase.allCases)
    func client(_ interop: InteropCase) async throws {
        let server = try await RPCServer.start(host: "127.0.0.1", port: 0, security: .plaintext, services: [InteropService()])
        try await GRPCSwiftClient.run(port: server.port) { try await interop.run($0) }
        await server.shutdown(grace: .zero)
    }

    @Test("A call of ours finishes while its server goes away; later ones are UNAVAILABLE")
    func serverGoesAway() async throws {
        try await GRPCSwiftServer.run(compresses: false) { server in
            let client = try RPCClient(host: "127.0.0.1", port: server.port, security: .plaintext)
            try await client.bidirectional(Interop.fullDuplexCall) { requests, responses in
                try await requests.write(Interop.Output(1))
                _ = try await responses.next()
                server.beginShutdown()
                let refusal = await Self.refusal(of: client)
                #expect(refusal?.code == .unavailable)
                try await requests.write(Interop.Output(2))
                let answer = try await responses.next()
                #expect(answer?.payload.body.count == 2)
                requests.finish()
                let end = try await responses.next()
                #expect(end == nil)
            }
            await client.shutdown()
        }
    }

    @Test("A call of its client finishes while our server goes away; later ones are UNAVAILABLE")
    func ownServerGoesAway() async throws {
        let server = try await RPCServer.start(host: "127.0.0.1", port: 0, security: .plaintext, services: [InteropService()])
        let (turns, turn) = AsyncStream.makeStream(of: Int32.self)
        turn.yield(1)
        try await GRPCSwiftClient.run(port: server.port) { client in
            let (sizes, shutdown) = try await client.streaming(Interop.fullDuplexCall) { requests in
                for await size in turns { try await requests.write(Interop.Output(size)) }
            } _: { response in
                var sizes: [Int] = []
                var shutdown: Task<Void, Never>?
                for try await message in response.messages {
                    sizes.append(message.payload.body.count)
                    guard sizes.count == 1 else {
                        turn.finish()
                        continue
                    }
                    shutdown = Task { await server.shutdown(grace: .seconds(3_600)) }
                    let other = try RPCClient(host: "127.0.0.1", port: server.port, security: .plaintext)
                    _ = await Self.refusal(of: other)
                    await other.shutdown()
                    turn.yield(2)
                }
                return (sizes, shutdown)
            }
            #expect(sizes == [1, 2])
            await shutdown?.value
            let error = await client.refusal()
            #expect(error?.code == .unavailable)
        }
    }

    /// What a call fails with once the server takes no more.
    private static func refusal(of client: RPCClient) async -> HoldfastRPC.RPCError? {
        while true {
            do {
                _ = try await client.unary(Interop.emptyCall, Interop.Empty())
            } catch {
                return error as? HoldfastRPC.RPCError
            }
        }
    }
}
