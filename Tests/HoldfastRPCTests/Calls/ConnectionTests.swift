import Holdfast
import HoldfastRPC
import Testing

@Suite("Connections that come and go")
struct ConnectionTests {
    private static var impatient: RPCClient.Configuration {
        var configuration = RPCClient.Configuration()
        configuration.backoff.base = .milliseconds(5)
        configuration.backoff.maximum = .milliseconds(5)
        return configuration
    }

    @Test("A server that dies fails its calls; when it is back on its port, calls succeed again")
    func deathAndReturn() async throws {
        let service = FourKindsService()
        let first = try await RPCServer.start(host: "127.0.0.1", port: 0, security: .plaintext, services: [service])
        let client = try RPCClient(host: "127.0.0.1", port: first.port, security: .plaintext, configuration: Self.impatient)
        let hanging = Task { try await client.unary(FourKinds.unary, "sleep") }
        #expect(try await client.unary(FourKinds.unary, "x").message == "X")

        await first.shutdown(grace: .zero)
        let died = await #expect(throws: RPCError.self) { try await hanging.value }
        #expect(died?.code == .unavailable)
        let refused = await #expect(throws: RPCError.self) { try await client.unary(FourKinds.unary, "x") }
        #expect(refused?.isConnectionError == true)
        #expect(refused?.message == "could not connect to 127.0.0.1:\(first.port): Connection refused")

        let second = try await RPCServer.start(host: "127.0.0.1", port: first.port, security: .plaintext, services: [service])
        var answer: RPCResponse<Fourkinds_Text>?
        while answer == nil {
            do {
                answer = try await client.unary(FourKinds.unary, "x")
            } catch let error as RPCError where error.isConnectionError {
                await Task.yield()
            }
        }
        #expect(answer?.message == "X")
        await client.shutdown()
        await second.shutdown(grace: .zero)
    }

    @Test("While the client waits to connect again, calls fail at once with the last error")
    func backoff() async throws {
        // Bound, and deaf: a port that was merely given back may be the next server's.
        let (reserved, port) = try LoopbackSocket.reserve()
        defer { reserved.stop() }
        let client = try RPCClient(host: "127.0.0.1", port: port, security: .plaintext)
        for _ in 0..<3 {
            let error = await #expect(throws: RPCError.self) { try await client.unary(FourKinds.unary, "x") }
            #expect(error?.code == .unavailable && error?.origin == .connection)
            #expect(error?.message == "could not connect to 127.0.0.1:\(port): Connection refused")
        }
        await client.shutdown()
    }

    @Test("A graceful shutdown lets calls finish, and the client goes elsewhere for new ones")
    func graceful() async throws {
        let gate = ServiceLog()
        let held: ServerInterceptor = { call, next in
            if call.metadata["hold"] != nil { await gate.handlerCancelled() }
            try await next()
        }
        try await withServer(interceptors: [held]) { client, server, _ in
            let call = Task {
                try await client.unary(FourKinds.unary, "held", options: CallOptions(metadata: ["hold": "on"]))
            }
            _ = try await client.unary(FourKinds.unary, "x")
            async let stopped: Void = server.shutdown(grace: .seconds(60))
            // Once the port refuses, the server has begun to go; only then is the held call let go.
            var isGone = false
            while !isGone {
                let probe = try RPCClient(host: "127.0.0.1", port: server.port, security: .plaintext)
                isGone = (try? await probe.unary(FourKinds.unary, "x")) == nil
                await probe.shutdown()
            }
            let release = Task { try await gate.sleepUntilCancelled() }
            release.cancel()
            #expect(try await call.value.message == "HELD")
            await stopped
        }
    }

    @Test("A port in use is one clear error")
    func portInUse() async throws {
        try await withServer { _, server, _ in
            let error = await #expect(throws: ServerStartError.self) {
                try await RPCServer.start(host: "127.0.0.1", port: server.port, security: .plaintext, services: [])
            }
            #expect(
                error?.description
                    == "port \(server.port) on 127.0.0.1 is already in use: stop what listens there, or choose another port")
        }
    }

    @Test("A port that is none is one clear error", arguments: [-1, 65_536])
    func badPort(port: Int) async throws {
        let error = await #expect(throws: ServerStartError.self) {
            try await RPCServer.start(host: "127.0.0.1", port: port, security: .plaintext, services: [])
        }
        #expect(error?.description == "\(port) is no port; give 0 to 65535")
        let refused = #expect(throws: ConfigurationError.self) {
            _ = try RPCClient(host: "127.0.0.1", port: port, security: .plaintext)
        }
        #expect(refused?.description == "port: \(port) is outside 1...65535")
    }

    @Test("Letting go of a client closes its connection")
    func letGo() async throws {
        let server = try await RPCServer.start(host: "127.0.0.1", port: 0, security: .plaintext, services: [FourKindsService()])
        _ = try await RPCClient(host: "127.0.0.1", port: server.port, security: .plaintext).unary(FourKinds.unary, "x")
        // Would wait for the hour if the connection were still there.
        await server.shutdown(grace: .seconds(3_600))
    }
}
