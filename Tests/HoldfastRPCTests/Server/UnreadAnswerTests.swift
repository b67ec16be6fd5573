import Holdfast
import Testing

@testable import HoldfastRPC

@Suite("Answers that their clients do not read", .timeLimit(.minutes(3)))
struct UnreadAnswerTests {
    /// Longer than the client's window, as an answer and as the first of many.
    private static let long = String(repeating: "x", count: 5_000) + " flood"

    private static func configuration(_ readTimeout: Duration) -> RPCServer.Configuration {
        var configuration = RPCServer.Configuration()
        configuration.readTimeout = readTimeout
        return configuration
    }

    @Test(
        "S43: a deadline ends its call although the answer waits to be read, whether the handler is done or not",
        arguments: [FourKinds.unary.path, FourKinds.serverStreaming.path])
    func deadline(path: String) async throws {
        try await serving([FourKindsService()]) { server in
            for timeout in [Duration.milliseconds(100), .seconds(1), .seconds(10), .seconds(60)] {
                let (status, code) = try await blocking {
                    let client = try SlowReader(port: server.port)
                    let call = try client.open(path, Self.long, timeout: timeout)
                    let code = try client.end(of: call)
                    return (call.head.grpcStatus, code)
                }
                // On a busy machine the time may be over before there is an answer, and then it is a status.
                guard status == nil else { continue }
                #expect(code == .cancel)
                return
            }
            Issue.record("there was no answer within a minute")
        }
    }

    @Test("S42: a limit that the server sets is for the handler: an answer that was given in time may take longer to be read")
    func limit() async throws {
        let limit = Locked(Duration.zero)
        let limited: ServerInterceptor = { call, next in
            // Streams have twice as long.
            let time = limit.withLock { $0 } * (call.method.kind == .unary ? 1 : 2)
            call.limit(TimeSource.system.now().advanced(by: time))
            try await next()
        }
        try await serving([FourKindsService()], interceptors: [limited]) { server in
            for time in [Duration.milliseconds(100), .seconds(1), .seconds(10), .seconds(60)] {
                limit.withLock { $0 = time }
                let (late, status) = try await blocking {
                    let client = try SlowReader(port: server.port)
                    let call = try client.open(FourKinds.unary.path, Self.long)
                    // When that one's time is over, so is the other's.
                    _ = try client.end(of: try client.open(FourKinds.serverStreaming.path, "sleep"))
                    while call.isOpen {
                        client.session.returnWindows()
                        guard try client.exchange() != nil else { break }
                    }
                    return (call.head.grpcStatus, call.trailers?.grpcStatus)
                }
                // On a busy machine the time may be over before there is an answer.
                guard late == nil else { continue }
                #expect(status == 0)
                return
            }
            Issue.record("there was no answer within a minute")
        }
    }

    @Test("Without a deadline a call whose answer is not read is reset in time, and one that waits for its client to speak is not")
    func readTimeout() async throws {
        try await serving([FourKindsService()], configuration: Self.configuration(.milliseconds(20))) { server in
            let (code, status) = try await blocking {
                let client = try SlowReader(port: server.port)
                let silent = try client.open(FourKinds.bidirectional.path, nil)
                let unread = try client.open(FourKinds.unary.path, Self.long)
                let code = try client.end(of: unread)
                try client.say("x", on: silent)
                _ = try client.end(of: silent)
                return (code, silent.trailers?.grpcStatus)
            }
            #expect(code == .cancel)
            #expect(status == 0)
        }
    }

    @Test("A connection on which not even the reset can leave is closed")
    func deafConnection() async throws {
        let ended = Signal()
        let note: ServerInterceptor = { call, next in
            defer { if call.method.kind == .serverStreaming { ended.fire() } }
            try await next()
        }
        var configuration = Self.configuration(.milliseconds(20))
        configuration.maximumConnections = 1
        try await serving([FourKindsService()], interceptors: [note], configuration: configuration) { server in
            // All windows are open, and nothing is read from the socket.
            let window = UInt32(Int32.max)
            let frames =
                RawFrames.preface + RawFrames.settings([(id: 4, value: window)]) + RawFrames.windowUpdate(window - 65_535)
                + RawFrames.headers(HostileClient.request(path: FourKinds.serverStreaming.path))
                + RawFrames.data(RawFrames.message([10, 5] + Array("flood".utf8)), ends: true)
            let deaf = try await blocking { try RawClient(port: server.port, frames) }
            try await ended.wait()
            // Its place comes free.
            var answer: Fourkinds_Text?
            while answer == nil {
                answer = try? await calling(server) { try await $0.unary(FourKinds.unary, "x").message }
            }
            #expect(answer == "X")
            withExtendedLifetime(deaf) {}
        }
    }
}
