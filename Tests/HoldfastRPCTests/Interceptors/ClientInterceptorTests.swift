import Holdfast
import HoldfastRPC
import Testing

@Suite("A client's interceptors")
struct ClientInterceptorTests {
    private func withInterceptors(
        _ interceptors: [ClientInterceptor], server: [ServerInterceptor] = [], policies: RouteTable = .empty,
        _ body: (RPCClient) async throws -> Void
    ) async throws {
        try await withServer(interceptors: server) { _, server, _ in
            var configuration = RPCClient.Configuration()
            configuration.interceptors = interceptors
            configuration.policies = policies
            let client = try RPCClient(host: "127.0.0.1", port: server.port, security: .plaintext, configuration: configuration)
            try await body(client)
            await client.shutdown()
        }
    }

    @Test("They run around every call, the first outermost, and what they add is sent")
    func order() async throws {
        let log = Locked<[String]>([])
        func interceptor(_ name: String) -> ClientInterceptor {
            { call, next in
                var call = call
                call.options.metadata["send"] = (call.options.metadata["send"] ?? "") + name
                log.withLock { $0.append("\(name) \(call.path)") }
                try await next(call)
                log.withLock { $0.append("\(name) is over") }
            }
        }
        try await withInterceptors([interceptor("a"), interceptor("b")]) { client in
            let answer = try await client.unary(FourKinds.unary, "x")
            #expect(answer.metadata["seen"] == "ab")
            let path = FourKinds.unary.path
            #expect(log.withLock { $0 } == ["a \(path)", "b \(path)", "b is over", "a is over"])
            let upper = try await client.bidirectional(FourKinds.bidirectional) { requests, responses in
                try await requests.write("y")
                return try await responses.next()
            }
            #expect(upper == "Y" && log.withLock { $0.count } == 8)
        }
    }

    @Test("One may refuse the call, see its failure, or make it again")
    func refusal() async throws {
        let seen = Locked<[StatusCode]>([])
        let watch: ClientInterceptor = { call, next in
            do {
                try await next(call)
            } catch let error as RPCError {
                seen.withLock { $0.append(error.code) }
                throw error
            }
        }
        let refuse: ClientInterceptor = { call, next in
            guard call.options.metadata["token"] != nil else { throw RPCError(.unauthenticated, "no token") }
            try await next(call)
        }
        try await withInterceptors([watch, refuse]) { client in
            await #expect(throws: RPCError.self) { try await client.unary(FourKinds.unary, "x") }
            await #expect(throws: RPCError.self) {
                try await client.unary(FourKinds.unary, "fail:NOT_FOUND:x", options: CallOptions(metadata: ["token": "t"]))
            }
        }
        #expect(seen.withLock { $0 } == [.unauthenticated, .notFound])
    }

    @Test("One that neither makes the call nor throws is an error")
    func nothing() async throws {
        try await withInterceptors([{ _, _ in }]) { client in
            let error = await #expect(throws: RPCError.self) { try await client.unary(FourKinds.unary, "x") }
            #expect(error?.code == .internalError && error?.origin == .local)
        }
    }

    @Test("A request id is the same for all attempts, new for every call, and kept if there is one")
    func requestID() async throws {
        let seen = Locked<[String]>([])
        let server: ServerInterceptor = { call, next in
            seen.withLock { $0.append(call.metadata.values(for: RequestID.key).joined(separator: "+")) }
            try await next()
        }
        let retry = Retry("r", try .init(maxAttempts: 2, backoff: .constant(.milliseconds(1)), budget: nil))
        let policies = RouteTable(rest: RoutePolicy(name: "p", pipeline: Pipeline("p", [.retry(retry)]), isIdempotent: true))
        try await withInterceptors([RequestID.interceptor], server: [server], policies: policies) { client in
            await #expect(throws: RPCError.self) { try await client.unary(FourKinds.unary, "fail:UNAVAILABLE:x") }
            _ = try await client.unary(FourKinds.unary, "x")
            _ = try await client.unary(FourKinds.unary, "x", options: CallOptions(metadata: [RequestID.key: "mine"]))
        }
        let ids = seen.withLock { $0 }
        try #require(ids.count == 4)
        #expect(ids[0] == ids[1] && ids[1] != ids[2] && ids[3] == "mine")
        #expect(ids[0].utf8.count == 32 && ids[0].allSatisfy(\.isHexDigit))
    }

    @Test("A call's closure runs where its caller runs, also behind an interceptor that calls an actor")
    @MainActor
    func isolation() async throws {
        actor Other {
            var count = 0
            func add() { count += 1 }
        }
        let other = Other()
        let interceptor: ClientInterceptor = { call, next in
            await other.add()
            try await next(call)
        }
        let server = try await RPCServer.start(host: "127.0.0.1", port: 0, security: .plaintext, services: [FourKindsService()])
        var configuration = RPCClient.Configuration()
        configuration.interceptors = [interceptor]
        let client = try RPCClient(host: "127.0.0.1", port: server.port, security: .plaintext, configuration: configuration)
        try await client.serverStreaming(FourKinds.serverStreaming, "one two") { responses in
            MainActor.assertIsolated()
            while try await responses.next() != nil { MainActor.assertIsolated() }
        }
        MainActor.assertIsolated()
        await client.shutdown()
        await server.shutdown(grace: .zero)
    }
}
