import Holdfast
import HoldfastRPC
import Testing

@Suite("Calls of all kinds over loopback sockets")
struct CallTests {
    @Test("A unary call brings its message, metadata and trailers")
    func unary() async throws {
        try await withServer { client, _, _ in
            let response = try await client.unary(
                FourKinds.unary, "hello", options: CallOptions(metadata: ["send": "something"]))
            #expect(response.message == "HELLO")
            #expect(response.metadata["seen"] == "something")
            #expect(response.trailers["after"] == "all")
        }
    }

    @Test("Many calls at once share the connection, more than the server takes at once too")
    func manyAtOnce() async throws {
        var configuration = RPCServer.Configuration()
        configuration.maximumConcurrentCalls = 8
        try await withServer(configuration: configuration) { client, _, _ in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<300 {
                    group.addTask {
                        let response = try await client.unary(FourKinds.unary, Fourkinds_Text("n\(number)"))
                        #expect(response.message.text == "N\(number)")
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test("Server streaming brings every message, then the trailers")
    func serverStreaming() async throws {
        try await withServer { client, _, _ in
            let words = try await client.serverStreaming(FourKinds.serverStreaming, "one two three") { responses in
                var words: [String] = []
                for try await response in responses { words.append(response.text) }
                #expect(responses.trailingMetadata["after"] == "all")
                return words
            }
            #expect(words == ["one", "two", "three"])
        }
    }

    @Test("Client streaming sends every message, and brings the one answer")
    func clientStreaming() async throws {
        try await withServer { client, _, _ in
            let response = try await client.clientStreaming(FourKinds.clientStreaming) { requests in
                for word in ["a", "b", "c"] { try await requests.write(Fourkinds_Text(word)) }
            }
            #expect(response.message == "a b c")
        }
    }

    @Test("A server that answers a client's stream early is believed")
    func earlyAnswer() async throws {
        try await withServer { client, _, _ in
            let response = try await client.clientStreaming(FourKinds.clientStreaming) { requests in
                try await requests.write("enough")
                while true { try await requests.write(Fourkinds_Text(String(repeating: "x", count: 1_000))) }
            }
            #expect(response.message == "enough")
        }
    }

    @Test("Bidirectional messages go to and fro")
    func bidirectional() async throws {
        try await withServer { client, _, _ in
            try await client.bidirectional(FourKinds.bidirectional) { requests, responses in
                for word in ["ping", "pong", "ping"] {
                    try await requests.write(Fourkinds_Text(word))
                    let echo = try await responses.next()
                    #expect(echo?.text == word.uppercased())
                }
                requests.finish()
                let end = try await responses.next()
                #expect(end == nil)
            }
        }
    }

    @Test("A writer waits for a reader that does not read; leaving the scope ends the stream on the server")
    func backpressure() async throws {
        try await withServer { client, _, log in
            try await client.serverStreaming(FourKinds.serverStreaming, "flood") { responses in
                let first = try await responses.next()
                #expect(first == "flood")
                // Another call goes on while the flood's window is full.
                for _ in 0..<50 { _ = try await client.unary(FourKinds.unary, "x") }
                var written = log.written
                for _ in 0..<20 {
                    _ = try await client.unary(FourKinds.unary, "x")
                    written = log.written
                }
                #expect(written < 200)
                for _ in 0..<500 { _ = try await responses.next() }
                #expect(log.written >= 450)
            }
        }
    }

    @Test(
        "A status of the server is thrown, with its message and metadata",
        arguments: ["NOT_FOUND", "UNAVAILABLE", "RESOURCE_EXHAUSTED", "UNAUTHENTICATED"])
    func status(name: String) async throws {
        try await withServer { client, _, _ in
            let error = try await #require(throws: RPCError.self) {
                try await client.unary(FourKinds.unary, Fourkinds_Text("fail:\(name):100% na\u{EF}ve"))
            }
            #expect(error.code.name == name)
            #expect(error.message == "100% na\u{EF}ve")
            #expect(error.metadata["detail"] == "from the service")
            #expect(error.origin == .server && !error.isConnectionError)
        }
    }

    @Test("A status after messages comes behind them")
    func statusAfterMessages() async throws {
        try await withServer { client, _, _ in
            var words: [String] = []
            let error = try await #require(throws: RPCError.self) {
                try await client.serverStreaming(FourKinds.serverStreaming, "one fail") { responses in
                    for try await response in responses { words.append(response.text) }
                }
            }
            #expect(words == ["one", "fail"])
            #expect(error.code == .dataLoss)
        }
    }

    @Test("An unexpected error of a handler does not tell its text")
    func unknownError() async throws {
        try await withServer { client, _, _ in
            let error = try await #require(throws: RPCError.self) { try await client.unary(FourKinds.unary, "crash") }
            #expect(error.code == .unknown)
            #expect(error.message == "the handler failed")
        }
    }

    @Test("A pushback of the server is read")
    func pushback() async throws {
        let busy: ServerInterceptor = { _, _ in throw RPCError(.resourceExhausted, "busy", retryAfter: .milliseconds(250)) }
        try await withServer(interceptors: [busy]) { client, _, _ in
            let error = try await #require(throws: RPCError.self) { try await client.unary(FourKinds.unary, "x") }
            #expect(error.retryAfter == .milliseconds(250))
        }
    }

    @Test("Interceptors run around the handler, the first outermost")
    func interceptors() async throws {
        let outer: ServerInterceptor = { call, next in
            try await next()
            call.responseTrailers.add("outer", for: "order")
        }
        let inner: ServerInterceptor = { call, next in
            try await next()
            call.responseTrailers.add("inner", for: "order")
        }
        try await withServer(interceptors: [outer, inner]) { client, _, _ in
            let response = try await client.unary(FourKinds.unary, "x")
            #expect(response.trailers.values(for: "order") == ["inner", "outer"])
        }
    }

    @Test("An unknown method is UNIMPLEMENTED")
    func unknownMethod() async throws {
        try await withServer { client, _, _ in
            let method = RPCMethod<Fourkinds_Text, Fourkinds_Text>(service: "no.Such", name: "Method", kind: .unary)
            let error = try await #require(throws: RPCError.self) { try await client.unary(method, "x") }
            #expect(error.code == .unimplemented && error.message == "there is no method /no.Such/Method" && error.origin == .server)
        }
    }

    @Test("Bad metadata fails the call before it is sent")
    func badMetadata() async throws {
        try await withServer { client, _, _ in
            let error = try await #require(throws: RPCError.self) {
                try await client.unary(FourKinds.unary, "x", options: CallOptions(metadata: ["a b": "c"]))
            }
            #expect(error.code == .invalidArgument && error.origin == .local)
        }
    }
}
