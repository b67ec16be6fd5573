import Holdfast
import HoldfastRPC
import Testing

@Suite("Streams that are hedged")
struct StreamHedgeTests {
    /// What becomes of an attempt, by its number from 1.
    private enum Fate {
        /// Reads so many requests, then never answers.
        case hangs(afterReading: Int)
        /// Answers when all requests have come.
        case answers
        /// The same, once the test says so.
        case answersWhenTold
        case fails(StatusCode)
    }

    /// Serves each attempt as the test says; all beyond the list as the last one.
    private final class FatefulService: RPCService {
        private struct State {
            var attempts = 0
            var cancelled = 0
            var seen: [[String]] = []
        }

        private let fates: [Fate]
        private let state = Locked(State())
        let allHaveArrived = Signal()
        let mayAnswer = Signal()
        let hasFailed = Signal()
        let wasCancelled = Signal()

        init(_ fates: [Fate]) {
            self.fates = fates
        }

        var attempts: Int { state.withLock { $0.attempts } }
        var cancelled: Int { state.withLock { $0.cancelled } }
        /// The requests of each attempt.
        var seen: [[String]] { state.withLock { $0.seen } }

        /// Goes through an attempt as far as its answer.
        private func begin(_ next: () async throws -> Fourkinds_Text?) async throws -> [String] {
            let number = state.withLock { state in
                state.attempts += 1
                state.seen.append([])
                return state.attempts
            }
            if number == fates.count { allHaveArrived.fire() }
            let fate = fates[min(number, fates.count) - 1]
            if case .fails(let code) = fate {
                hasFailed.fire()
                throw RPCError(code, "attempt \(number)")
            }
            do {
                if case .hangs(0) = fate { try await TimeSource.system.sleep(for: .seconds(3_600)) }
                var texts: [String] = []
                while let request = try await next() {
                    texts.append(request.text)
                    state.withLock { $0.seen[number - 1] = texts }
                    if case .hangs(texts.count) = fate { try await TimeSource.system.sleep(for: .seconds(3_600)) }
                }
                if case .answersWhenTold = fate { try await mayAnswer.wait() }
                return texts
            } catch {
                state.withLock { $0.cancelled += 1 }
                wasCancelled.fire()
                throw error
            }
        }

        func register(on router: inout RPCRouter) {
            router.unary(FourKinds.unary) { request, _ in request }
            router.serverStreaming(FourKinds.serverStreaming) { [self] request, responses, call in
                var rest: [Fourkinds_Text] = [request]
                let texts = try await begin { rest.popLast() }
                call.responseTrailers = ["after": "all"]
                for word in texts[0].split(separator: " ") { try await responses.write(Fourkinds_Text(String(word))) }
            }
            router.clientStreaming(FourKinds.clientStreaming) { [self] requests, _ in
                try await Fourkinds_Text(begin { try await requests.next() }.joined(separator: " "))
            }
            router.bidirectional(FourKinds.bidirectional) { [self] requests, responses, _ in
                var first = try await requests.next()
                _ = try await begin {
                    defer { first = nil }
                    return first
                }
                try await responses.write("first")
                for try await request in requests { try await responses.write(request) }
            }
        }
    }

    private func hedge(
        after: Duration = .milliseconds(1), maxExtra: Int = 1, budget: RetryBudget.Configuration? = nil
    ) throws -> Pipeline.Stage {
        .hedge(Hedge("h", try .init(after: .fixed(after), maxExtra: maxExtra, budget: budget)))
    }

    private func withHedges(
        _ service: FatefulService, _ stages: [Pipeline.Stage], isIdempotent: Bool = true, bufferLength: Int = 1_024 * 1_024,
        _ body: (RPCClient) async throws -> Void
    ) async throws {
        var configuration = RPCClient.Configuration()
        configuration.policies = RouteTable(
            rest: RoutePolicy(name: "p", pipeline: Pipeline("p", stages), isIdempotent: isIdempotent))
        configuration.replayBufferLength = bufferLength
        try await serving([service]) { server in
            try await withClient(
                RPCClient(host: server.host, port: server.port, security: .plaintext, configuration: configuration), body)
        }
    }

    private func words(_ client: RPCClient, _ text: String) async throws -> [String] {
        try await client.serverStreaming(FourKinds.serverStreaming, Fourkinds_Text(text)) { responses in
            let words: [String] = try await responses.reduce(into: []) { $0.append($1.text) }
            #expect(responses.trailingMetadata["after"] == "all")
            return words
        }
    }

    @Test(
        "S65: a stream that is silent is asked for once more; the loser is cancelled, and neutral for the gates", arguments: [false, true])
    func serverStreaming(gateInside: Bool) async throws {
        let service = FatefulService([.hangs(afterReading: 0), .answers])
        let breaker = CircuitBreaker("b", try .init(window: .count(10), minimumCalls: 10))
        let bulkhead = Bulkhead("b", try .init(maxConcurrent: 2))
        let gates: [Pipeline.Stage] = [.gate(breaker), .gate(bulkhead)]
        try await withHedges(service, gateInside ? [hedge()] + gates : gates + [hedge()]) { client in
            let answer = try await words(client, "one two")
            #expect(answer == ["one", "two"])
            try await service.wasCancelled.wait()
        }
        #expect(service.attempts == 2 && service.cancelled == 1)
        #expect(breaker.snapshot().calls == 1 && breaker.snapshot().failed == 0)
        #expect(bulkhead.running == 0)
    }

    @Test("S65: the loser's stream is reset with CANCEL")
    func reset() async throws {
        let resets = Locked<[(UInt32, [UInt8])]>([])
        let wasReset = Signal()
        let peer = try ScriptedPeer { connection, _ in
            guard connection.request() != nil, let second = connection.request() else { return }
            connection.answer(second)
            while let frame = connection.frame() {
                guard frame.type == 3 else { continue }
                resets.withLock { $0.append((frame.stream, Array(frame.payload))) }
                wasReset.fire()
            }
        }
        var configuration = RPCClient.Configuration()
        configuration.policies = RouteTable(rest: RoutePolicy(name: "p", pipeline: Pipeline("p", [try hedge()]), isIdempotent: true))
        try await withClient(RPCClient(host: "127.0.0.1", port: peer.port, security: .plaintext, configuration: configuration)) { client in
            let answer = try await client.serverStreaming(FourKinds.serverStreaming, "x") { try await $0.next()?.text }
            #expect(answer == "X")
            try await wasReset.wait()
            #expect(resets.withLock { $0.map(\.0) } == [1])
            #expect(resets.withLock { $0.map(\.1) } == [[0, 0, 0, 8]])
        }
    }

    @Test("S65: what was written goes to every attempt, in order and once", arguments: 0...5)
    func clientStreaming(reads: Int) async throws {
        let service = FatefulService([.hangs(afterReading: reads), .answers])
        try await withHedges(service, [hedge()]) { client in
            let answer = try await client.clientStreaming(FourKinds.clientStreaming) { requests in
                for number in 1...5 { try await requests.write(Fourkinds_Text(String(number))) }
            }
            #expect(answer.message == "1 2 3 4 5")
        }
        #expect(service.attempts == 2)
    }

    @Test("S65: a writer goes on while the attempts race, and behind that, and a stalled attempt does not hold it back")
    func bidirectional() async throws {
        let service = FatefulService([.hangs(afterReading: 1), .answers])
        let text = Fourkinds_Text(String(repeating: "x", count: 20_000))
        try await withHedges(service, [hedge()]) { client in
            try await client.bidirectional(FourKinds.bidirectional) { requests, responses in
                // More than the window of a stream, and the writer's room, hold together.
                for _ in 0..<20 { try await requests.write(text) }
                let first = try await responses.next()
                #expect(first == "first")
                for _ in 1..<20 {
                    let answer = try await responses.next()
                    #expect(answer == text)
                }
                try await requests.write("last")
                requests.finish()
                let last = try await [responses.next(), responses.next()]
                #expect(last == ["last", nil])
                await #expect(throws: RPCError.self) { try await requests.write("late") }
            }
        }
        #expect(service.attempts == 2)
    }

    @Test("S65: a failure never beats a slower success")
    func failureWaits() async throws {
        let service = FatefulService([.answersWhenTold, .fails(.unavailable)])
        try await withHedges(service, [hedge()]) { client in
            let task = Task { try await words(client, "one two") }
            try await service.hasFailed.wait()
            service.mayAnswer.fire()
            let answer = try await task.value
            #expect(answer == ["one", "two"])
        }
        #expect(service.attempts == 2 && service.cancelled == 0)
    }

    @Test("S65: when all attempts have failed, the stream fails as its first one did, and a retry around them asks all anew")
    func allFailed() async throws {
        let service = FatefulService([.fails(.unavailable)])
        let breaker = CircuitBreaker("b", try .init(window: .count(10), minimumCalls: 10))
        let retry = Retry("r", try .init(maxAttempts: 3, backoff: .constant(.milliseconds(1)), budget: nil))
        try await withHedges(service, [.retry(retry), hedge(), .gate(breaker)]) { client in
            let error = await #expect(throws: RPCError.self) { try await words(client, "one") }
            #expect(error?.code == .unavailable && error?.message.hasPrefix("attempt ") == true)
        }
        #expect(service.attempts == 6 && breaker.snapshot().failed == 6)
    }

    @Test("S65: an error that blames the caller ends the stream although another attempt runs")
    func callersFault() async throws {
        let service = FatefulService([.hangs(afterReading: 0), .fails(.notFound)])
        try await withHedges(service, [hedge()]) { client in
            let error = await #expect(throws: RPCError.self) { try await words(client, "one") }
            #expect(error?.code == .notFound)
            try await service.wasCancelled.wait()
        }
    }

    @Test("S65: with all together, one wins, and each has seen all that it could need", arguments: 0..<20)
    func together(round: Int) async throws {
        let service = FatefulService([.answers])
        let bulkhead = Bulkhead("b", try .init(maxConcurrent: 3))
        try await withHedges(service, [hedge(after: .zero, maxExtra: 2), .gate(bulkhead)]) { client in
            let answer = try await client.clientStreaming(FourKinds.clientStreaming) { requests in
                for number in 1...5 { try await requests.write(Fourkinds_Text(String(number))) }
            }
            #expect(answer.message == "1 2 3 4 5")
        }
        #expect(bulkhead.running == 0)
    }

    @Test("S65: a stream that is not idempotent, or that the budget has nothing for, is not hedged", arguments: [true, false])
    func notHedged(isIdempotent: Bool) async throws {
        let service = FatefulService([.answers])
        let none = try RetryBudget.Configuration.share(ratio: 0, minimumPerSecond: 0)
        try await withHedges(service, [hedge(after: .zero, maxExtra: 3, budget: none)], isIdempotent: isIdempotent) { client in
            let answer = try await words(client, "one two")
            #expect(answer == ["one", "two"])
        }
        #expect(service.attempts == 1)
    }

    @Test("What does not fit the buffer goes to one attempt only, all of it", arguments: [Duration.zero, .seconds(3_600)])
    func overflow(after: Duration) async throws {
        let service = FatefulService([.answers])
        try await withHedges(service, [hedge(after: after)], bufferLength: 100_000) { client in
            let answer = try await client.clientStreaming(FourKinds.clientStreaming) { requests in
                for number in 0..<100 { try await requests.write(Fourkinds_Text(String(repeating: "\(number % 10)", count: 5_000))) }
            }
            let due = (0..<100).map { String(repeating: "\($0 % 10)", count: 5_000) }.joined(separator: " ")
            #expect(answer.message.text == due)
        }
    }

    @Test("A writer that waits for room is released when another task says that no more follows", arguments: 0..<20)
    func finishedMeanwhile(round: Int) async throws {
        let service = FatefulService([.answers])
        try await withHedges(service, [hedge(after: .zero)], bufferLength: 2) { client in
            let answer = try await client.clientStreaming(FourKinds.clientStreaming) { requests in
                try await requests.write("")
                async let second: Void = requests.write("too long to be kept")
                async let third: Void = requests.write("behind it")
                requests.finish()
                _ = await (try? second, try? third)
            }
            #expect(["", " too long to be kept", " behind it", " too long to be kept behind it"].contains(answer.message.text))
        }
    }

    @Test("A reader that asks for the headers takes the first attempt that sends them, before any message")
    func headers() async throws {
        let hasWritten = Signal()
        let peer = try ScriptedPeer { connection, _ in
            guard let first = connection.requestHead(), connection.requestHead() != nil else { return }
            connection.send(
                RawFrames.headers([(":status", "200"), ("content-type", "application/grpc"), ("who", "first")], stream: Int32(first)))
            hasWritten.block()
            connection.send(RawFrames.headers([("grpc-status", "0")], stream: Int32(first), ends: true))
            connection.drain()
        }
        var configuration = RPCClient.Configuration()
        configuration.policies = RouteTable(rest: RoutePolicy(name: "p", pipeline: Pipeline("p", [try hedge()]), isIdempotent: true))
        try await withClient(RPCClient(host: "127.0.0.1", port: peer.port, security: .plaintext, configuration: configuration)) { client in
            try await client.bidirectional(FourKinds.bidirectional) { requests, responses in
                let metadata = try await responses.metadata
                #expect(metadata["who"] == "first")
                try await requests.write("x")
                hasWritten.fire()
                let end = try await responses.next()
                #expect(end == nil)
            }
        }
    }

    @Test("S1: a caller that goes away cancels every attempt, and no permit stays behind")
    func cancelled() async throws {
        let service = FatefulService([.hangs(afterReading: 0), .hangs(afterReading: 0)])
        let bulkhead = Bulkhead("b", try .init(maxConcurrent: 2))
        try await withHedges(service, [hedge(), .gate(bulkhead)]) { client in
            let task = Task { try await words(client, "one") }
            try await service.allHaveArrived.wait()
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            #expect(bulkhead.running == 0)
        }
    }

    @Test("A body that leaves without reading ends every attempt")
    func left() async throws {
        let service = FatefulService([.hangs(afterReading: 0), .hangs(afterReading: 0)])
        let bulkhead = Bulkhead("b", try .init(maxConcurrent: 2))
        try await withHedges(service, [hedge(), .gate(bulkhead)]) { client in
            try await client.serverStreaming(FourKinds.serverStreaming, "one") { _ in try await service.allHaveArrived.wait() }
            #expect(bulkhead.running == 0)
        }
    }

    @Test("S40: the timeouts around the hedge, and around each attempt, say which of them ended the stream", arguments: [true, false])
    func timeouts(isInside: Bool) async throws {
        let service = FatefulService([.hangs(afterReading: 0)])
        let timeout = Pipeline.Stage.timeout(try Timeout(isInside ? "inner" : "outer", after: .milliseconds(50)))
        let breaker = CircuitBreaker("b", try .init(window: .count(10), minimumCalls: 10))
        let around: [Pipeline.Stage] = try isInside ? [.gate(breaker), hedge(), timeout] : [.gate(breaker), timeout, hedge()]
        try await withHedges(service, around) { client in
            let error = await #expect(throws: TimeoutError.self) { try await words(client, "one") }
            #expect(error?.policy == (isInside ? "inner" : "outer"))
        }
        #expect(breaker.snapshot().failed == 1)
    }

    @Test("A refused attempt does not end the stream that another one answers")
    func refusedInside() async throws {
        let service = FatefulService([.answersWhenTold])
        let bulkhead = Bulkhead("b", try .init(maxConcurrent: 1))
        let events = bulkhead.events()
        try await withHedges(service, [hedge(), .gate(bulkhead)]) { client in
            let task = Task { try await words(client, "one") }
            var iterator = events.makeAsyncIterator()
            while let event = await iterator.next() {
                if case .rejected = event.decision { break }
            }
            service.mayAnswer.fire()
            let answer = try await task.value
            #expect(answer == ["one"])
        }
        #expect(service.attempts == 1)
    }

    @Test("S65: another attempt goes to an endpoint that was not tried")
    func elsewhere() async throws {
        let service = FatefulService([.hangs(afterReading: 0), .answers])
        let asked = Locked<Set<Int>>([])
        func noting(_ server: Int) -> ServerInterceptor {
            { _, next in
                asked.withLock { _ = $0.insert(server) }
                try await next()
            }
        }
        var configuration = RPCClient.Configuration()
        configuration.loadBalancing = .leastRequest
        configuration.policies = RouteTable(rest: RoutePolicy(name: "p", pipeline: Pipeline("p", [try hedge()]), isIdempotent: true))
        try await serving([service], interceptors: [noting(1)]) { first in
            try await serving([service], interceptors: [noting(2)]) { second in
                let endpoints = [first, second].map { Endpoint.tcp(host: $0.host, port: $0.port) }
                try await withClient(RPCClient(endpoints: endpoints, security: .plaintext, configuration: configuration)) { client in
                    // An endpoint that is not connected yet is not chosen.
                    while asked.withLock({ $0.count }) < 2 { _ = try await client.unary(FourKinds.unary, "x") }
                    asked.withLock { $0 = [] }
                    let answer = try await words(client, "one")
                    #expect(answer == ["one"])
                }
            }
        }
        #expect(asked.withLock { $0 } == [1, 2])
    }
}
