import Holdfast
import Testing

@testable import HoldfastRPC

/// However a call ends, it ends once, and gives back what it held.
@Suite("Endings")
struct EndingsTests {
    /// Runs `body` with a client whose calls need one of `permits`, and sees to it that all are back afterwards.
    private func withPermits(
        _ permits: Int, interceptors: [ServerInterceptor] = [], _ body: (RPCClient, ServiceLog) async throws -> Void
    ) async throws {
        let bulkhead = Bulkhead("permits", try .init(maxConcurrent: permits))
        try await withServer(interceptors: interceptors) { _, server, log in
            var configuration = RPCClient.Configuration()
            configuration.policies = RouteTable(
                services: ["fourkinds.FourKinds": RoutePolicy(name: "p", pipeline: Pipeline("p", [.gate(bulkhead)]))])
            let client = try RPCClient(host: "127.0.0.1", port: server.port, security: .plaintext, configuration: configuration)
            try await body(client, log)
            #expect(bulkhead.running == 0)
            // And the next call gets one.
            #expect(try await client.unary(FourKinds.unary, "x").message == "X")
            await client.shutdown()
            // Does not return before every stream is gone and every handler has ended.
            await server.shutdown(grace: .seconds(3_600))
        }
    }

    @Test("S42: an answer that comes together with the expiry is an answer or a timeout, never both, never neither")
    func expiry() async throws {
        let late: ServerInterceptor = { call, next in
            if let delay = call.metadata["delay"].flatMap(Int64.init) { try await TimeSource.system.sleep(for: .microseconds(delay)) }
            try await next()
        }
        try await withPermits(400, interceptors: [late]) { client, _ in
            let (answers, expiries) = (Counter(), Counter())
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<400 {
                    group.addTask {
                        // From far too early to far too late.
                        let options = CallOptions(metadata: ["delay": "\(number * 25)"], timeout: .milliseconds(5))
                        do {
                            let answer = try await client.unary(FourKinds.unary, "x", options: options)
                            #expect(answer.message == "X")
                            answers.add()
                        } catch {
                            let isRefusal = (error as? Rejection)?.reason == .deadlinePassed
                            #expect(error is TimeoutError || isRefusal, "\(error)")
                            expiries.add()
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(answers.count + expiries.count == 400)
        }
    }

    @Test("S43: a streaming call's deadline covers the whole stream, however busy it is")
    func streamDeadline() async throws {
        try await withPermits(1) { client, _ in
            let error = try await #require(throws: TimeoutError.self) {
                let options = CallOptions(timeout: .milliseconds(50))
                try await client.bidirectional(FourKinds.bidirectional, options: options) { requests, responses in
                    while true {
                        try await requests.write("still here")
                        _ = try await responses.next()
                    }
                }
            }
            #expect(error.scope == .deadline)
        }
    }

    /// Where a call stands when it is cancelled.
    enum Place: CaseIterable {
        case connecting
        case waitingForStream
        case waitingForAnswer
        case reading
        case writingAgainstWindow
    }

    @Test("S1: a cancelled call ends at once, wherever it stands, and gives its permit back", arguments: Place.allCases)
    func cancel(_ place: Place) async throws {
        switch place {
        case .connecting: try await cancelWhileConnecting()
        case .waitingForStream: try await cancelWhileWaitingForStream()
        case .waitingForAnswer, .reading, .writingAgainstWindow:
            try await withPermits(2) { client, log in
                let reached = Counter()
                let call = Task {
                    switch place {
                    case .reading:
                        try await client.serverStreaming(FourKinds.serverStreaming, "one sleep") { responses in
                            while try await responses.next() != nil { reached.add() }
                        }
                    case .writingAgainstWindow:
                        // Its messages come back, and nobody reads them.
                        try await client.bidirectional(FourKinds.bidirectional) { requests, _ in
                            while true {
                                try await requests.write(Fourkinds_Text(String(repeating: "x", count: 50_000)))
                                reached.add()
                            }
                        }
                    default:
                        reached.add()
                        _ = try await client.unary(FourKinds.unary, "sleep")
                    }
                }
                while reached.count == 0 { await Task.yield() }
                // Another call behind it has been answered: it is under way.
                _ = try await client.unary(FourKinds.unary, "x")
                call.cancel()
                await #expect(throws: CancellationError.self) { try await call.value }
            }
        }
    }

    /// Waits for a peer that other tests keep waiting.
    private static var patient: RPCClient.Configuration {
        var configuration = RPCClient.Configuration()
        configuration.connectTimeout = .seconds(120)
        return configuration
    }

    private func cancelWhileConnecting() async throws {
        // Connects, and never says a word.
        let (listener, port) = try LoopbackSocket.listen()
        defer { listener.stop() }
        let client = try RPCClient(host: "127.0.0.1", port: port, security: .plaintext, configuration: Self.patient)
        let call = Task { try await client.unary(FourKinds.unary, "x") }
        let accepted = try await blocking { try listener.accept() }
        call.cancel()
        await #expect(throws: CancellationError.self) { try await call.value }
        await client.shutdown()
        accepted.stop()
    }

    private func cancelWhileWaitingForStream() async throws {
        var configuration = RPCServer.Configuration()
        configuration.maximumConcurrentCalls = 1
        try await withServer(configuration: configuration) { _, server, _ in
            var single = RPCClient.Configuration()
            single.maximumConnectionsPerEndpoint = 1
            let client = try RPCClient(host: "127.0.0.1", port: server.port, security: .plaintext, configuration: single)
            try await client.bidirectional(FourKinds.bidirectional) { requests, responses in
                try await requests.write("x")
                _ = try await responses.next()
                let call = Task { try await client.unary(FourKinds.unary, "y") }
                try await requests.write("z")
                _ = try await responses.next()
                call.cancel()
                await #expect(throws: CancellationError.self) { try await call.value }
            }
            let after = try await client.unary(FourKinds.unary, "after").message
            #expect(after == "AFTER")
            await client.shutdown()
        }
    }

    #if DEBUG
    @Test("A call that ended twice would stop the program, so that no test could overlook it")
    func twice() async {
        await #expect(processExitsWith: .failure) {
            let call = UnaryCall(UnaryRequest(path: "/a.B/C", message: []))
            call.end(.failure(CancellationError()))
            call.end(.failure(CancellationError()))
        }
    }
    #endif

    @Test("A cancelled call's stream is reset with CANCEL")
    func resetCode() async throws {
        let (listener, port) = try LoopbackSocket.listen()
        defer { listener.stop() }
        let client = try RPCClient(host: "127.0.0.1", port: port, security: .plaintext, configuration: Self.patient)
        let call = Task { try await client.unary(FourKinds.unary, "x") }
        let socket = try await blocking { try listener.accept() }
        // Reads until the request is there, and then until it is taken back.
        try await blocking {
            socket.send(RawFrames.settings)
            var seen = 0
            while seen < RawFrames.preface.count + 100 {
                let bytes = socket.receive()
                guard !bytes.isEmpty else { return }
                seen += bytes.count
            }
        }
        call.cancel()
        let reset: [UInt8] = try await blocking {
            var bytes: [UInt8] = []
            while bytes.suffix(13) != RawFrames.reset(8)[...] {
                let more = socket.receive()
                guard !more.isEmpty else { break }
                bytes += more
            }
            return bytes.suffix(13)
        }
        #expect(reset == RawFrames.reset(8))
        await #expect(throws: CancellationError.self) { try await call.value }
        await client.shutdown()
    }
}
