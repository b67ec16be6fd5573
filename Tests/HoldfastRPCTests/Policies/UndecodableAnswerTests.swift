import Foundation
import Holdfast
import HoldfastRPC
import SwiftProtobuf
import Testing

@Suite("Answers that cannot be read")
struct UndecodableAnswerTests {
    /// Bytes in the place of a string, which need not be UTF-8.
    private typealias Loose = RPCMethod<Fourkinds_Text, Google_Protobuf_BytesValue>

    /// Answers with bytes that are no message for so many attempts, then well.
    private final class Garbled: RPCService {
        private let bad: Int
        private let attempts = Locked(0)

        init(bad: Int) {
            self.bad = bad
        }

        private func answer() -> Google_Protobuf_BytesValue {
            let attempt = attempts.withLock { attempts in
                attempts += 1
                return attempts
            }
            return Google_Protobuf_BytesValue(attempt <= bad ? Data([255]) : Data("good".utf8))
        }

        private func method(_ name: String, _ kind: RPCKind) -> Loose {
            RPCMethod(service: "fourkinds.FourKinds", name: name, kind: kind)
        }

        func register(on router: inout RPCRouter) {
            router.unary(method("Unary", .unary)) { [self] _, _ in answer() }
            router.serverStreaming(method("ServerStreaming", .serverStreaming)) { [self] _, responses, _ in
                try await responses.write(answer())
            }
            router.clientStreaming(method("ClientStreaming", .clientStreaming)) { [self] requests, _ in
                for try await _ in requests {}
                return answer()
            }
        }
    }

    /// A way to call.
    enum Kind: CaseIterable {
        case unary, serverStreaming, clientStreaming

        func ask(_ client: RPCClient) async throws -> String? {
            switch self {
            case .unary: try await client.unary(FourKinds.unary, "x").message.text
            case .serverStreaming: try await client.serverStreaming(FourKinds.serverStreaming, "x") { try await $0.next()?.text }
            case .clientStreaming:
                try await client.clientStreaming(FourKinds.clientStreaming) { try await $0.write("x") }.message.text
            }
        }
    }

    private func withClient(of port: Int, _ stages: [Pipeline.Stage], _ body: (RPCClient) async throws -> Void) async throws {
        var configuration = RPCClient.Configuration()
        configuration.policies = RouteTable(rest: RoutePolicy(name: "p", pipeline: Pipeline("p", stages), isIdempotent: true))
        try await HoldfastRPCTests.withClient(
            RPCClient(host: "127.0.0.1", port: port, security: .plaintext, configuration: configuration), body)
    }

    @Test("S3: they are INTERNAL for the breaker, wherever it stands", arguments: Kind.allCases, 0...3)
    func breaker(kind: Kind, layers: Int) async throws {
        let breaker = CircuitBreaker("b", try .init(window: .count(10), minimumCalls: 10))
        // Around nothing, inside of a retry, around a hedge, and inside of one: streams go another way in each.
        let retry = Retry("r", try .init(maxAttempts: 2, budget: nil))
        let hedge = Hedge("h", try .init(after: .fixed(.seconds(3_600))))
        let gate = Pipeline.Stage.gate(breaker)
        let pipelines: [[Pipeline.Stage]] = [[gate], [.retry(retry), gate], [gate, .hedge(hedge)], [.hedge(hedge), gate]]
        let service = Garbled(bad: .max)
        try await serving([service]) { server in
            try await withClient(of: server.port, pipelines[layers]) { client in
                let error = await #expect(throws: RPCError.self) { try await kind.ask(client) }
                #expect(error?.code == .internalError)
            }
        }
        #expect(breaker.snapshot().failed == breaker.snapshot().calls && breaker.snapshot().calls >= 1)
    }

    @Test("A retry that is told to retry INTERNAL asks again")
    func retried() async throws {
        let service = Garbled(bad: 1)
        let retry = Retry(
            "r", try .init(maxAttempts: 2, backoff: .constant(.milliseconds(1)), on: FailureSelector(codes: [.internalError]), budget: nil))
        try await serving([service]) { server in
            try await withClient(of: server.port, [.retry(retry)]) { client in
                let answer = try await Kind.unary.ask(client)
                #expect(answer == "good")
            }
        }
    }

    @Test("S65: one never beats another attempt's answer")
    func hedged() async throws {
        let service = Garbled(bad: 1)
        let hedge = Hedge("h", try .init(after: .fixed(.seconds(3_600)), budget: nil))
        try await serving([service]) { server in
            try await withClient(of: server.port, [.hedge(hedge)]) { client in
                let answer = try await Kind.unary.ask(client)
                #expect(answer == "good")
            }
        }
    }

    @Test("S3: another number of messages than one is UNIMPLEMENTED, and no failure for the breaker", arguments: [0, 2])
    func count(messages: Int) async throws {
        let breaker = CircuitBreaker("b", try .init(window: .count(10), minimumCalls: 10))
        let peer = try ScriptedPeer { connection, _ in
            while let request = connection.request() {
                let stream = Int32(request.stream)
                connection.send(
                    RawFrames.headers([(":status", "200"), ("content-type", "application/grpc")], stream: stream)
                        + RawFrames.data(Array(repeating: [0, 0, 0, 0, 0] as [UInt8], count: messages).flatMap { $0 }, stream: stream)
                        + RawFrames.headers([("grpc-status", "0")], stream: stream, ends: true))
            }
        }
        try await withClient(of: peer.port, [.gate(breaker)]) { client in
            for kind in [Kind.unary, .clientStreaming] {
                let error = await #expect(throws: RPCError.self) { try await kind.ask(client) }
                #expect(error?.code == .unimplemented)
            }
        }
        #expect(breaker.snapshot().failed == 0 && breaker.snapshot().calls == 2)
    }
}
