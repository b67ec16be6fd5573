import Holdfast
import HoldfastRPC
import Testing

/// Envoy lets all of the interoperability cases through: it carries messages as they are, compressed or not, and `grpc-timeout` and
/// resets both ways.
@Suite("With Envoy in the middle", .enabled(if: Envoy.program != nil, "set HOLDFAST_ENVOY to an Envoy"), .timeLimit(.minutes(3)))
struct EnvoyTests {
    /// One of each for all cases; they end with the tests.
    private static let own = Task {
        let server = try await RPCServer.start(host: "127.0.0.1", port: 0, security: .plaintext, services: [InteropService()])
        return (server: server, envoy: try await Envoy(upstream: server.port))
    }
    private static let foreign = Task { try await Envoy(upstream: InteropTests.foreignServer.value.port) }

    @Test("Our client, Envoy, our server", arguments: InteropCase.allCases)
    func own(_ interop: InteropCase) async throws {
        let client = try RPCClient(host: "127.0.0.1", port: try await Self.own.value.envoy.port, security: .plaintext)
        try await interop.run(client, looksAtCompression: true)
        await client.shutdown()
    }

    @Test(
        "Our client, Envoy, grpcio's server", .enabled(if: ForeignPeer.isRequired, "set HOLDFAST_PYTHON to a Python with grpcio"),
        arguments: InteropCase.allCases)
    func foreignServer(_ interop: InteropCase) async throws {
        let client = try RPCClient(host: "127.0.0.1", port: try await Self.foreign.value.port, security: .plaintext)
        try await interop.run(client, looksAtCompression: false)
        await client.shutdown()
    }

    private static let foreignResults = Task { try await InteropTests.foreignResults(port: own.value.envoy.port) }

    @Test(
        "grpcio's client, Envoy, our server", .enabled(if: ForeignPeer.isRequired, "set HOLDFAST_PYTHON to a Python with grpcio"),
        arguments: InteropCase.allCases)
    func foreignClient(_ interop: InteropCase) async throws {
        let result = try #require(try await Self.foreignResults.value[interop.rawValue], "the client did not run the case")
        #expect(result == nil)
    }

    @Test("A client's deadline reaches the server, and there is none without one")
    func deadlineIsCarried() async throws {
        try await serving([FourKindsService()]) { server in
            try await callingThroughEnvoy(server.port) { client in
                let limited = try await client.unary(FourKinds.unary, "deadline", options: CallOptions(timeout: .seconds(60)))
                #expect(limited.message == "some")
                let unlimited = try await client.unary(FourKinds.unary, "deadline")
                #expect(unlimited.message == "none")
            }
        }
    }

    @Test("At the deadline the call ends on both sides")
    func deadlineEndsTheCall() async throws {
        let service = FourKindsService()
        try await serving([service]) { server in
            try await callingThroughEnvoy(server.port) { client in
                // One that ends before Envoy has passed it on has no handler to end.
                while service.log.cancelled == 0 {
                    let error = await #expect(throws: RPCError.self) {
                        try await client.unary(FourKinds.unary, "sleep", options: CallOptions(timeout: .milliseconds(500)))
                    }
                    #expect(error?.code == .deadlineExceeded)
                    try Task.checkCancellation()
                }
            }
        }
    }

    @Test("A deadline that Envoy shortens is its answer to the client, and cancels the handler")
    func deadlineOfEnvoy() async throws {
        let service = FourKindsService()
        try await serving([service]) { server in
            try await callingThroughEnvoy(server.port, longestDeadline: "0.5s") { client in
                while service.log.cancelled == 0 {
                    let error = await #expect(throws: RPCError.self) {
                        try await client.unary(FourKinds.unary, "sleep", options: CallOptions(timeout: .seconds(60)))
                    }
                    #expect(error?.code == .deadlineExceeded && error?.origin == .server)
                    try Task.checkCancellation()
                }
            }
        }
    }

    @Test("Calls finish while the server behind Envoy goes away; afterwards they are UNAVAILABLE")
    func serverGoesAway() async throws {
        let held = HeldService()
        let server = try await RPCServer.start(host: "127.0.0.1", port: 0, security: .plaintext, services: [held])
        try await callingThroughEnvoy(server.port) { client in
            try await withThrowingTaskGroup(of: String.self) { group in
                for number in 0..<20 {
                    group.addTask { try await client.unary(HeldService.unary, Fourkinds_Text("\(number)")).message.text }
                }
                group.addTask {
                    try await client.bidirectional(HeldService.bidirectional) { requests, responses in
                        try await requests.write("first")
                        requests.finish()
                        return try await responses.reduce(into: "") { $0 += $1.text }
                    }
                }
                try await held.arrived(21)
                async let stopped: Void = server.shutdown(grace: .seconds(3_600))
                // Envoy has turned away from it once calls are refused.
                let error = await refusal(client)
                held.release()
                let answers = try await group.reduce(into: Set<String>()) { $0.insert($1) }
                #expect(answers == Set((0..<20).map(String.init) + ["firstlast"]))
                await stopped
                #expect(held.completed == 21 && held.cancelled == 0)
                #expect(error?.code == .unavailable && error?.origin == .server)
            }
        }
    }

    /// What a call fails with once there is no server; unknown methods are answered at once as long as there is one.
    private func refusal(_ client: RPCClient) async -> RPCError? {
        while true {
            do {
                _ = try await client.unary(FourKinds.unary, "x")
                return nil
            } catch let error as RPCError where error.code == .unimplemented {
                continue
            } catch {
                return error as? RPCError
            }
        }
    }

    @Test("Every call that a handler has served is answered through Envoy, while clients go on calling")
    func noCallIsLost() async throws {
        let held = HeldService()
        held.release()
        let server = try await RPCServer.start(host: "127.0.0.1", port: 0, security: .plaintext, services: [held])
        let answered = try await callingThroughEnvoy(server.port) { client in
            try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        var count = 0
                        while (try? await client.unary(HeldService.unary, "x")) != nil { count += 1 }
                        return count
                    }
                }
                try await held.arrived(500)
                await server.shutdown(grace: .seconds(3_600))
                return try await group.reduce(0, +)
            }
        }
        #expect(answered == held.completed)
    }

    @Test("No call is lost when Envoy sends its clients away, and leaves the server, time and again")
    func envoyGoesAway() async throws {
        let seen = Locked((clients: Set<String>(), proxies: Set<String>()))
        let interceptor: ServerInterceptor = { call, next in
            seen.withLock { seen in
                _ = seen.clients.insert(call.metadata["x-downstream"] ?? "none")
                _ = seen.proxies.insert(call.peer)
            }
            try await next()
        }
        try await serving([FourKindsService()], interceptors: [interceptor]) { server in
            try await callingThroughEnvoy(server.port, callsPerConnection: 10) { client in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<4 {
                        group.addTask {
                            for _ in 0..<100 { _ = try await client.unary(FourKinds.unary, "x") }
                        }
                    }
                    try await group.waitForAll()
                }
            }
        }
        let (clients, proxies) = seen.withLock { $0 }
        #expect(clients.count > 4, "the client kept its connections")
        #expect(proxies.count > 4, "Envoy kept its connections")
    }
}
