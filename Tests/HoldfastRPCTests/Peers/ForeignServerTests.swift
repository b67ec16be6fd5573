import Holdfast
import HoldfastRPC
import SayEcho
import SwiftProtobuf
import Testing

@Suite("Our client calls a grpcio server", .enabled(if: ForeignPeer.isRequired, "set HOLDFAST_PYTHON to a Python with grpcio"))
struct ForeignServerTests {
    @Test("Every call kind, status and metadata is understood")
    func server() async throws {
        let peer = try ForeignPeer("say_echo_server.py")
        let port = try #require(Int(try await peer.line() ?? ""))
        let client = try RPCClient(host: "127.0.0.1", port: port, security: .plaintext)
        try await sayAndEcho(client)
        try await fourKinds(client)
        try await failures(client)
        await client.shutdown()
        let exitCode = try await peer.finish()
        #expect(exitCode == 0)
    }

    private func sayAndEcho(_ client: RPCClient) async throws {
        let body = try await SayClient(client).sayHi(name: "kitty", msg: "hello world!")
        #expect(body == #"[{"kitty":"hello world!"}]"#)

        let echo = EchoClient(client)
        let echoes = try await echo.echo { requests, responses in
            for text in ["a", "b"] { try await requests.write(.with { $0.message = text }) }
            requests.finish()
            return try await responses.reduce(into: []) { $0.append($1.message) }
        }
        #expect(echoes == ["a!", "b!"])
        let messages = try await echo.stream { try await $0.reduce(into: []) { $0.append($1.message) } }
        #expect(messages == (0..<5).map { "hello there! \($0)" })
        let beats = try await echo.heartbeats { requests, responses in
            for _ in 0..<3 { try await requests.write(Echoserver_Empty()) }
            requests.finish()
            return try await responses.reduce(into: []) { $0.append($1.status) }
        }
        #expect(beats == [.ok, .ok, .ok])
    }

    private func fourKinds(_ client: RPCClient) async throws {
        let unary = try await client.unary(FourKinds.unary, "hello", options: CallOptions(metadata: ["send": "something"]))
        #expect(unary.message == "HELLO")
        #expect(unary.metadata["seen"] == "something" && unary.trailers["after"] == "all")
        let words = try await client.serverStreaming(FourKinds.serverStreaming, "one two") { responses in
            try await responses.reduce(into: []) { $0.append($1.text) }
        }
        #expect(words == ["one", "two"])
        let joined = try await client.clientStreaming(FourKinds.clientStreaming) { requests in
            for text in ["a", "b", "c"] { try await requests.write(Fourkinds_Text(text)) }
        }
        #expect(joined.message == "a b c")
        let upper = try await client.bidirectional(FourKinds.bidirectional) { requests, responses in
            var answers: [String] = []
            for text in ["x", "y"] {
                try await requests.write(Fourkinds_Text(text))
                answers.append(try await responses.next()?.text ?? "none")
            }
            requests.finish()
            return answers
        }
        #expect(upper == ["X", "Y"])
        let long = try await client.unary(FourKinds.unary, Fourkinds_Text(String(repeating: "a", count: 3_000_000)))
        #expect(long.message.text.utf8.count == 3_000_000)
    }

    private func failures(_ client: RPCClient) async throws {
        let status = await #expect(throws: RPCError.self) {
            try await client.unary(FourKinds.unary, "fail:FAILED_PRECONDITION:100% na\u{EF}ve")
        }
        #expect(status?.code == .failedPrecondition && status?.message == "100% na\u{EF}ve" && status?.origin == .server)
        #expect(status?.metadata["detail"] == "from the service")
        #expect(status?.metadata.bytes(for: "raw-bin") == [0, 1, 255])
        let crash = await #expect(throws: RPCError.self) { try await client.unary(FourKinds.unary, "crash") }
        #expect(crash?.code == .unknown)
        let late = await #expect(throws: RPCError.self) {
            try await client.unary(FourKinds.unary, "sleep", options: CallOptions(timeout: .milliseconds(100)))
        }
        #expect(late?.code == .deadlineExceeded)
        let time = try await client.unary(FourKinds.unary, "time", options: CallOptions(timeout: .seconds(60)))
        #expect(time.message == "some")
        let unknown = RPCMethod<Fourkinds_Text, Fourkinds_Text>(service: "no.Such", name: "Method", kind: .unary)
        let missing = await #expect(throws: RPCError.self) { try await client.unary(unknown, "x") }
        #expect(missing?.code == .unimplemented)
    }
}
