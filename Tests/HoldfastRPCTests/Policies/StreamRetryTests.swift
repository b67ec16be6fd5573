import Holdfast
import HoldfastRPC
import Synchronization
import Testing

@Suite("Streams that are tried again")
struct StreamRetryTests {
    /// Fails the first `failures` attempts, having read the requests that say how far.
    private struct FlakyService: RPCService {
        let failures: Int
        /// How many requests are read before a failure.
        var reads = 0
        /// Whether a response goes out before a failure.
        var answersFirst = false
        let attempts = Counted()

        final class Counted: Sendable {
            private let seen = Locked<[String?]>([])
            func add(_ call: ServerCall) -> Int {
                seen.withLock {
                    $0.append(call.metadata["grpc-previous-rpc-attempts"])
                    return $0.count
                }
            }
            var previous: [String?] { seen.withLock { $0 } }
        }

        func register(on router: inout RPCRouter) {
            router.unary(FourKinds.unary) { request, call in
                if attempts.add(call) <= failures { throw RPCError(.unavailable, "not yet") }
                return request
            }
            router.serverStreaming(FourKinds.serverStreaming) { request, responses, call in
                if attempts.add(call) <= failures {
                    if answersFirst { try await responses.write("first") }
                    throw RPCError(.unavailable, "not yet")
                }
                for word in request.text.split(separator: " ") { try await responses.write(Fourkinds_Text(String(word))) }
            }
            router.clientStreaming(FourKinds.clientStreaming) { requests, call in
                let fails = attempts.add(call) <= failures
                var texts: [String] = []
                if fails, reads == 0 { throw RPCError(.unavailable, "not yet") }
                for try await request in requests {
                    texts.append(request.text)
                    if fails, texts.count == reads { throw RPCError(.unavailable, "not yet") }
                }
                return Fourkinds_Text(texts.joined(separator: " "))
            }
            router.bidirectional(FourKinds.bidirectional) { requests, responses, call in
                let fails = attempts.add(call) <= failures
                var count = 0
                if fails, reads == 0 { throw RPCError(.unavailable, "not yet") }
                for try await request in requests {
                    count += 1
                    if fails, count == reads { throw RPCError(.unavailable, "not yet") }
                    if !fails { try await responses.write(Fourkinds_Text(request.text.uppercased())) }
                }
            }
        }
    }

    private func withRetries(
        _ service: FlakyService, gates: [any Gate] = [], isIdempotent: Bool = true, bufferLength: Int = 1_024 * 1_024,
        _ body: (RPCClient) async throws -> Void
    ) async throws {
        let server = try await RPCServer.start(host: "127.0.0.1", port: 0, security: .plaintext, services: [service])
        let retry = Retry("r", try .init(maxAttempts: 3, backoff: .constant(.milliseconds(1)), budget: nil))
        let pipeline = Pipeline("p", [.retry(retry)] + gates.map { .gate($0) })
        var configuration = RPCClient.Configuration()
        configuration.policies = RouteTable(rest: RoutePolicy(name: "p", pipeline: pipeline, isIdempotent: isIdempotent))
        configuration.replayBufferLength = bufferLength
        let client = try RPCClient(host: "127.0.0.1", port: server.port, security: .plaintext, configuration: configuration)
        do {
            try await body(client)
        } catch {
            await client.shutdown()
            await server.shutdown(grace: .zero)
            throw error
        }
        await client.shutdown()
        await server.shutdown(grace: .zero)
    }

    private func words(_ client: RPCClient, _ text: String) async throws -> [String] {
        try await client.serverStreaming(FourKinds.serverStreaming, Fourkinds_Text(text)) { responses in
            try await responses.reduce(into: []) { $0.append($1.text) }
        }
    }

    @Test("S63: retries say how many attempts came before, the first says nothing")
    func previousAttempts() async throws {
        let service = FlakyService(failures: 2)
        try await withRetries(service) { client in
            let answer = try await client.unary(FourKinds.unary, "x")
            #expect(answer.message == "x")
        }
        #expect(service.attempts.previous == [nil, "1", "2"])
    }

    @Test("S8: a stream that failed before its first message is tried again, and every attempt passes the gates")
    func serverStreaming() async throws {
        let service = FlakyService(failures: 2)
        let breaker = CircuitBreaker("b", try .init(window: .count(10), minimumCalls: 10))
        try await withRetries(service, gates: [breaker]) { client in
            let words = try await words(client, "one two")
            #expect(words == ["one", "two"])
        }
        #expect(service.attempts.previous == [nil, "1", "2"])
        #expect(breaker.snapshot().failed == 2 && breaker.snapshot().calls == 3)
    }

    @Test("S8: after its first message a stream is committed, and fails for good")
    func committed() async throws {
        let service = FlakyService(failures: 1, answersFirst: true)
        try await withRetries(service) { client in
            let seen = Locked<[String]>([])
            let error = await #expect(throws: RPCError.self) {
                try await client.serverStreaming(FourKinds.serverStreaming, "one two") { responses in
                    for try await response in responses { seen.withLock { $0.append(response.text) } }
                }
            }
            #expect(error?.code == .unavailable)
            #expect(seen.withLock { $0 } == ["first"])
        }
        #expect(service.attempts.previous.count == 1)
    }

    /// A server that fails the first call on each connection, with a status alone or behind headers, and answers the others.
    private static func flakyPeer(headersFirst: Bool) throws -> ScriptedPeer {
        let answer = [(":status", "200"), ("content-type", "application/grpc")]
        let status = [("grpc-status", "14"), ("grpc-message", "not yet")]
        return try ScriptedPeer { connection, _ in
            guard let request = connection.request() else { return }
            let stream = Int32(request.stream)
            connection.send(
                headersFirst
                    ? RawFrames.headers(answer, stream: stream) + RawFrames.headers(status, stream: stream, ends: true)
                    : RawFrames.headers(answer + status, stream: stream, ends: true))
            while let request = connection.request() { connection.answer(request) }
        }
    }

    @Test(
        "S8: a stream that failed with a status alone is tried again, one whose headers had come is committed (gRFC A6)",
        arguments: [true, false])
    func committedByHeaders(headersFirst: Bool) async throws {
        let peer = try Self.flakyPeer(headersFirst: headersFirst)
        var configuration = RPCClient.Configuration()
        let retry = Retry("r", try .init(maxAttempts: 3, backoff: .constant(.milliseconds(1)), budget: nil))
        configuration.policies = RouteTable(rest: RoutePolicy(name: "p", pipeline: Pipeline("p", [.retry(retry)]), isIdempotent: true))
        try await withClient(RPCClient(host: "127.0.0.1", port: peer.port, security: .plaintext, configuration: configuration)) { client in
            guard headersFirst else {
                let words = try await words(client, "x")
                return #expect(words == ["X"])
            }
            let error = await #expect(throws: RPCError.self) { try await words(client, "x") }
            #expect(error?.message == "not yet" && peer.served.isEmpty)
        }
    }

    @Test(
        "A call with one message each way is committed by the server's headers too (gRFC A6), whether it is retried or hedged",
        arguments: [true, false], [true, false])
    func unaryCommittedByHeaders(headersFirst: Bool, hedges: Bool) async throws {
        let peer = try Self.flakyPeer(headersFirst: headersFirst)
        let again: Pipeline.Stage =
            hedges
            ? .hedge(Hedge("h", try .init(after: .fixed(.seconds(3_600)), maxExtra: 1, budget: nil)))
            : .retry(Retry("r", try .init(maxAttempts: 3, backoff: .constant(.milliseconds(1)), budget: nil)))
        var configuration = RPCClient.Configuration()
        configuration.policies = RouteTable(rest: RoutePolicy(name: "p", pipeline: Pipeline("p", [again]), isIdempotent: true))
        try await withClient(RPCClient(host: "127.0.0.1", port: peer.port, security: .plaintext, configuration: configuration)) { client in
            guard headersFirst else {
                let answer = try await client.unary(FourKinds.unary, "x").message
                return #expect(answer == "X")
            }
            let error = await #expect(throws: RPCError.self) { try await client.unary(FourKinds.unary, "x") }
            #expect(error?.message == "not yet" && error?.isCommitted == true && peer.served.isEmpty)
        }
    }

    @Test("S63: a route without a retry of its own tells the attempts of the one around it")
    func enclosingAttempts() async throws {
        let (unary, stream) = (FlakyService(failures: 2), FlakyService(failures: 2))
        let retry = Retry("r", try .init(maxAttempts: 3, backoff: .constant(.milliseconds(1)), budget: nil))
        var configuration = RPCClient.Configuration()
        let inner = Pipeline("p", [.timeout(try Timeout("t", after: .seconds(3_600)))])
        configuration.policies = RouteTable(rest: RoutePolicy(name: "p", pipeline: inner, isIdempotent: true))
        for service in [unary, stream] {
            try await serving([service]) { server in
                let client = try RPCClient(host: server.host, port: server.port, security: .plaintext, configuration: configuration)
                try await withClient(client) { client in
                    let outer = Pipeline("o", [.retry(retry)])
                    _ = try await outer.run { _ in
                        if service.attempts === unary.attempts {
                            try await client.unary(FourKinds.unary, "x").message.text
                        } else {
                            try await client.clientStreaming(FourKinds.clientStreaming) { try await $0.write("x") }.message.text
                        }
                    }
                }
            }
            #expect(service.attempts.previous == [nil, "1", "2"])
        }
    }

    @Test("S60: a stream that is not idempotent is not tried again")
    func notIdempotent() async throws {
        let service = FlakyService(failures: 1)
        try await withRetries(service, isIdempotent: false) { client in
            await #expect(throws: RPCError.self) { try await words(client, "one") }
        }
        #expect(service.attempts.previous.count == 1)
    }

    @Test("What was written is sent again, in order and once, wherever the attempt failed", arguments: 0...5)
    func clientStreaming(reads: Int) async throws {
        let service = FlakyService(failures: 2, reads: reads)
        try await withRetries(service) { client in
            let answer = try await client.clientStreaming(FourKinds.clientStreaming) { requests in
                for number in 1...5 { try await requests.write(Fourkinds_Text(String(number))) }
            }
            #expect(answer.message == "1 2 3 4 5")
        }
        #expect(service.attempts.previous == [nil, "1", "2"])
    }

    @Test("A writer that goes on after the failure writes to the next attempt", arguments: [1, 3])
    func bidirectional(reads: Int) async throws {
        let service = FlakyService(failures: 1, reads: reads)
        try await withRetries(service) { client in
            let answers = try await client.bidirectional(FourKinds.bidirectional) { requests, responses in
                var answers: [String] = []
                for text in ["a", "b", "c"] { try await requests.write(Fourkinds_Text(text)) }
                for text in ["d", "e"] {
                    try await answers.append(responses.next()?.text ?? "none")
                    try await requests.write(Fourkinds_Text(text))
                }
                requests.finish()
                return try await responses.reduce(into: answers) { $0.append($1.text) }
            }
            #expect(answers == ["A", "B", "C", "D", "E"])
        }
        #expect(service.attempts.previous == [nil, "1"])
    }

    @Test("What is written behind the end is refused, and no later attempt sends it", arguments: [0, 2])
    func writtenTooLate(failures: Int) async throws {
        let service = FlakyService(failures: failures, reads: 1)
        try await withRetries(service) { client in
            let answer = try await client.clientStreaming(FourKinds.clientStreaming) { requests in
                try await requests.write("in time")
                requests.finish()
                for _ in 0..<20 {
                    // More in all than a writer may have under way.
                    let late = Fourkinds_Text(String(repeating: "x", count: 10_000))
                    let error = await #expect(throws: RPCError.self) { try await requests.write(late) }
                    #expect(error?.code == .failedPrecondition)
                }
            }
            #expect(answer.message == "in time")
        }
        #expect(service.attempts.previous.count == failures + 1)
    }

    @Test(
        "What does not fit the buffer is not kept, and the stream not tried again; an empty message has its length to be kept, too",
        arguments: ["a longer text", ""])
    func overflow(text: String) async throws {
        let service = FlakyService(failures: 1, reads: 3)
        try await withRetries(service, bufferLength: 10) { client in
            await #expect(throws: RPCError.self) {
                try await client.clientStreaming(FourKinds.clientStreaming) { requests in
                    for _ in 1...3 { try await requests.write(Fourkinds_Text(text)) }
                }
            }
        }
        #expect(service.attempts.previous.count == 1)
    }

    @Test("After the last attempt the failure goes to the reader, and no permit stays behind")
    func exhausted() async throws {
        let service = FlakyService(failures: 9)
        let bulkhead = Bulkhead("b", try .init(maxConcurrent: 1))
        try await withRetries(service, gates: [bulkhead]) { client in
            for _ in 1...2 {
                let error = await #expect(throws: RPCError.self) { try await words(client, "one") }
                #expect(error?.code == .unavailable && error?.message == "not yet")
            }
            let error = await #expect(throws: RPCError.self) {
                try await client.clientStreaming(FourKinds.clientStreaming) { try await $0.write("x") }
            }
            #expect(error?.code == .unavailable)
        }
        #expect(service.attempts.previous.count == 9)
    }

    @Test("A caller that goes away while an attempt is arranged ends the call")
    func cancelled() async throws {
        let service = FlakyService(failures: 9)
        let server = try await RPCServer.start(host: "127.0.0.1", port: 0, security: .plaintext, services: [service])
        let retry = Retry("r", try .init(maxAttempts: 3, backoff: .constant(.seconds(3_600)), budget: nil))
        let events = retry.events()
        var configuration = RPCClient.Configuration()
        configuration.policies = RouteTable(rest: RoutePolicy(name: "p", pipeline: Pipeline("p", [.retry(retry)]), isIdempotent: true))
        let client = try RPCClient(host: "127.0.0.1", port: server.port, security: .plaintext, configuration: configuration)
        let task = Task { try await words(client, "one") }
        var iterator = events.makeAsyncIterator()
        _ = await iterator.next()
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(service.attempts.previous.count == 1)
        await client.shutdown()
        await server.shutdown(grace: .zero)
    }
}
