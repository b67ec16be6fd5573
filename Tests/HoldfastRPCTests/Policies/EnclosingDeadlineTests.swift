import Holdfast
import HoldfastRPC
import Testing

@Suite("Deadlines of what a call is made in")
struct EnclosingDeadlineTests {
    private static let hour = Duration.seconds(3_600)

    @Test("S40, S44: a call without a route ends with the pipeline it is made in, and tells the server so")
    func pipeline() async throws {
        let seen = Locked<[Instant?]>([])
        let look: ServerInterceptor = { call, next in
            seen.withLock { $0.append(call.deadline) }
            try await next()
        }
        try await withServer(interceptors: [look]) { client, _, _ in
            let pipeline = Pipeline("outer", [.timeout(try Timeout("t", after: Self.hour))])
            // Between the pipeline's hour and the ten hours that a call asks for.
            let end = TimeSource.system.now().advanced(by: .seconds(18_000))
            for options in [CallOptions(), CallOptions(timeout: .seconds(36_000))] {
                try await pipeline.run { _ in
                    _ = try await client.unary(FourKinds.unary, "x", options: options)
                    _ = try await client.clientStreaming(FourKinds.clientStreaming, options: options) { try await $0.write("x") }
                }
            }
            let deadlines = seen.withLock { $0 }
            #expect(deadlines.count == 4 && deadlines.allSatisfy { $0.map { $0 < end } == true })
        }
    }

    @Test("S44: the calls that a handler makes end with its own call")
    func handler() async throws {
        try await withServer { inner, _, _ in
            let ask: ServerInterceptor = { call, next in
                let answer = try await inner.unary(FourKinds.unary, "deadline").message.text
                try await next()
                call.responseTrailers = ["inner": answer]
            }
            try await withServer(interceptors: [ask]) { outer, _, _ in
                let limited = try await outer.unary(FourKinds.unary, "x", options: CallOptions(timeout: Self.hour))
                #expect(limited.trailers["inner"] == "some")
                let unlimited = try await outer.unary(FourKinds.unary, "x")
                #expect(unlimited.trailers["inner"] == "none")
            }
        }
    }
}
