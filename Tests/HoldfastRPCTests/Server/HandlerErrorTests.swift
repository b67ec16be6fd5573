import Holdfast
import Testing

@testable import HoldfastRPC

@Suite("What clients learn of the errors of handlers")
struct HandlerErrorTests {
    private struct Refusal: StatusError {
        let code = StatusCode.unavailable
        let retryAfter: Duration? = .microseconds(250_001)
        let password = "swordfish"
    }

    /// How a call ends whose handler throws `error`.
    private func status(_ error: any Error) async throws -> RPCError? {
        let fail: ServerInterceptor = { _, _ in throw error }
        let seen = Locked<RPCError?>(nil)
        try await withServer(interceptors: [fail]) { client, _, _ in
            let error = await #expect(throws: RPCError.self) { try await client.unary(FourKinds.unary, "x") }
            seen.withLock { $0 = error }
        }
        return seen.withLock { $0 }
    }

    @Test("S55: a refusal, a timeout and whatever has a status keep their code, and say when to try again, without ServerPolicies too")
    func statusErrors() async throws {
        let quota = Rejection(policy: "secret", kind: .rateLimiter, reason: .quota, retryAfter: .seconds(2))
        let refused = try await status(quota)
        #expect(refused?.code == .resourceExhausted && refused?.message == "the server refused the call: quota")
        #expect(refused?.retryAfter == .seconds(2))
        let late = try await status(TimeoutError(policy: "secret", scope: .total, after: .seconds(1)))
        #expect(late?.code == .deadlineExceeded && late?.message == "the handler was not done in time")
        let other = try await status(Refusal())
        #expect(other?.code == .unavailable && other?.message == "the handler failed" && other?.retryAfter == .milliseconds(251))
    }

    @Test("Of a call that a handler could not make the client learns the code; what another server said is passed on")
    func callsOfHandlers() async throws {
        let nowhere = try RPCClient(host: "127.0.0.1", port: 1, security: .plaintext)
        let relay: ServerInterceptor = { _, _ in _ = try await nowhere.unary(FourKinds.unary, "x") }
        try await withServer(interceptors: [relay]) { client, _, _ in
            let error = await #expect(throws: RPCError.self) { try await client.unary(FourKinds.unary, "x") }
            #expect(error?.code == .unavailable && error?.message == "the handler failed")
        }
        await nowhere.shutdown()
        let passedOn = try await status(RPCError(.notFound, "no such cat", metadata: ["detail": "black"]))
        #expect(passedOn?.code == .notFound && passedOn?.message == "no such cat" && passedOn?.metadata["detail"] == "black")
    }

    @Test(
        "A pushback is rounded up to milliseconds",
        arguments: [(0, "0"), (1, "1"), (400_000, "1"), (1_000_000, "1"), (1_000_001, "2"), (-1, "-1")])
    func pushback(nanoseconds: Int64, text: String) {
        let error = RPCError(.unavailable, "busy", retryAfter: .nanoseconds(nanoseconds))
        #expect(error.metadata["grpc-retry-pushback-ms"] == text)
    }

    @Test("Metadata that cannot be sent ends the call with the reason, whether it stands before one response or several, or behind")
    func badMetadata() async throws {
        let headers: ServerInterceptor = { call, next in
            // The handler of the unary method puts its own in the place of what stands there.
            call.responseMetadata["note"] = "für\r\nx: y"
            try await next()
            call.responseMetadata["note"] = "für\r\nx: y"
        }
        let trailers: ServerInterceptor = { call, next in
            try await next()
            call.responseTrailers["grpc-status"] = "0"
        }
        let complaints = [
            "the value of metadata key \"note\" is not printable ASCII: give a key that ends in -bin the bytes",
            "the metadata key \"grpc-status\" is not allowed: it belongs to the transport",
        ]
        for (interceptor, complaint) in zip([headers, trailers], complaints) {
            try await withServer(interceptors: [interceptor]) { client, _, _ in
                let unary = await #expect(throws: RPCError.self) { try await client.unary(FourKinds.unary, "x") }
                #expect(unary?.code == .internalError && unary?.message == complaint)
                let stream = await #expect(throws: RPCError.self) {
                    try await client.serverStreaming(FourKinds.serverStreaming, "x") { for try await _ in $0 {} }
                }
                #expect(stream?.code == .internalError && stream?.message == complaint)
            }
        }
    }

    @Test("A limit that a timer sets when the call is over harms nobody")
    func lateLimit() async throws {
        let limit = Locked<(@Sendable (Instant) -> Void)?>(nil)
        let keep: ServerInterceptor = { call, next in
            limit.withLock { $0 = call.limit }
            try await next()
        }
        try await withServer(interceptors: [keep]) { client, _, _ in
            for _ in 1...2 {
                let answer = try await client.unary(FourKinds.unary, "x").message
                #expect(answer == "X")
                limit.withLock { $0 }?(TimeSource.system.now())
            }
        }
        limit.withLock { $0 }?(TimeSource.system.now())
    }

    @Test("Metadata that is too long for HTTP/2 ends the call with the reason, and that of an error does not hide it")
    func longMetadata() async throws {
        let long: Metadata = ["long": String(repeating: "x", count: 70_000)]
        for (isTrailer, isStream) in [(true, true), (true, false), (false, true), (false, false)] {
            let add: ServerInterceptor = { call, next in
                if isTrailer { call.responseTrailers = long } else { call.responseMetadata = long }
                try await next()
                if isTrailer { call.responseTrailers = long } else { call.responseMetadata = long }
            }
            try await withServer(interceptors: [add]) { client, _, _ in
                let error = await #expect(throws: RPCError.self) {
                    guard isStream else { return _ = try await client.unary(FourKinds.unary, "x") }
                    try await client.serverStreaming(FourKinds.serverStreaming, "x") { for try await _ in $0 {} }
                }
                #expect(error?.code == .internalError)
                #expect(error?.message == "the metadata is 70036 bytes long, with 32 for each pair; 57344 can be sent")
            }
        }
        var metadata = long
        metadata["detail"] = "black"
        let seen = try await status(RPCError(.notFound, "no such cat", metadata: metadata))
        #expect(seen?.code == .notFound && seen?.message == "no such cat" && seen?.metadata["detail"] == "black")
    }

    @Test("Headers and a status that do not fit into one block come in two")
    func longTogether() async throws {
        let fail: ServerInterceptor = { call, _ in
            call.responseMetadata = ["before": String(repeating: "x", count: 40_000)]
            throw RPCError(.notFound, "no such cat", metadata: ["behind": String(repeating: "y", count: 40_000)])
        }
        try await withServer(interceptors: [fail]) { _, server, _ in
            var configuration = RPCClient.Configuration()
            configuration.maximumHeaderListSize = 64 * 1024
            let client = try RPCClient(host: server.host, port: server.port, security: .plaintext, configuration: configuration)
            try await withClient(client) { client in
                let error = await #expect(throws: RPCError.self) { try await client.unary(FourKinds.unary, "x") }
                #expect(error?.code == .notFound && error?.metadata["behind"]?.count == 40_000)
            }
        }
    }

    @Test("One pair of an error that cannot be sent does not take the others with it")
    func badPair() async throws {
        let error = RPCError(.unavailable, "busy", metadata: ["detail": "für", "grpc-retry-pushback-ms": "250"])
        let seen = try await status(error)
        #expect(seen?.code == .unavailable && seen?.message == "busy")
        #expect(seen?.retryAfter == .milliseconds(250) && seen?.metadata["detail"] == nil)
    }
}
