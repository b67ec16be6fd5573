import Holdfast
import NIOCore
import SwiftProtobuf
import Testing

@testable import HoldfastRPC

/// What goes over the wire, seen by a session without a client around it.
@Suite("Compression on the wire")
struct CompressionTests {
    private static let long = String(repeating: "compress me ", count: 100)

    /// Calls a server's unary method, and gives the stream and the messages that came.
    private static func call(port: Int, message: WireMessage, metadata: Metadata) throws -> (stream: SessionStream, messages: [WireMessage])
    {
        let socket = try LoopbackSocket.connect(port: port)
        let session = try HTTP2Session(role: .client, limits: SessionLimits())
        let stream = SessionStream()
        stream.outbound.append(message)
        stream.outbound.isFinished = true
        _ = session.submitRequest(
            stream, authority: "test", path: FourKinds.unary.path, timeout: nil, metadata: metadata)
        var messages: [WireMessage] = []
        while true {
            var buffer = ByteBuffer()
            _ = try session.writeOutput(to: &buffer, limit: .max)
            socket.send(Array(buffer.readableBytesView))
            let bytes = socket.receive()
            guard !bytes.isEmpty else { return (stream, messages) }
            try bytes.withUnsafeBytes { try session.receive($0) }
            for event in session.takeEvents() {
                switch event {
                case .message(_, let message): messages.append(message)
                case .ended, .closed: return (stream, messages)
                default: break
                }
            }
        }
    }

    private static func request(_ text: String, _ compression: MessageCompression = .identity) throws -> WireMessage {
        WireMessage(try Fourkinds_Text(text).serializedBytes(), compression: compression)
    }

    @Test("A server compresses if it is told to, and reads compressed requests always", arguments: [MessageCompression.identity, .gzip])
    func server(compression: MessageCompression) async throws {
        var configuration = RPCServer.Configuration()
        configuration.compression = compression
        try await withServer(configuration: configuration) { _, server, _ in
            let port = server.port
            let (stream, messages) = try await blocking {
                try Self.call(port: port, message: try Self.request(Self.long, .gzip), metadata: ["grpc-encoding": "gzip"])
            }
            #expect(messages.map(\.isCompressed) == [compression == .gzip])
            #expect(stream.head.encoding == (compression == .gzip ? .gzip : .identity))
            let answer = try Fourkinds_Text(serializedBytes: try #require(messages.first).decompressed(limit: 10_000))
            #expect(answer.text == Self.long.uppercased())
        }
    }

    @Test("An unknown encoding is UNIMPLEMENTED, and the client is told what would do")
    func unknownEncoding() async throws {
        try await withServer { _, server, _ in
            let port = server.port
            let (stream, _) = try await blocking {
                try Self.call(port: port, message: try Self.request("x"), metadata: ["grpc-encoding": "br"])
            }
            #expect(stream.head.grpcStatus == StatusCode.unimplemented.rawValue)
            #expect(stream.head.acceptsGzip)
        }
    }

    @Test(
        "A compressed request that is broken or too long ends its call, and no other",
        arguments: [
            ("no gzip", Array("no gzip".utf8), StatusCode.internalError),
            ("a bomb", Gzip.compress(Array(repeating: 0, count: 5_000_000)) ?? [], .resourceExhausted), ("nothing", [], .internalError),
        ] as [(String, [UInt8], StatusCode)])
    func badRequest(name: String, bytes: [UInt8], code: StatusCode) async throws {
        try await withServer { client, server, _ in
            let port = server.port
            let (stream, _) = try await blocking {
                try Self.call(port: port, message: WireMessage(bytes, isCompressed: true), metadata: ["grpc-encoding": "gzip"])
            }
            #expect((stream.trailers ?? stream.head).grpcStatus == code.rawValue)
            let answer = try await client.unary(FourKinds.unary, "still here")
            #expect(answer.message == "STILL HERE")
        }
    }

    @Test("A client's compressed messages arrive, answers too, in all kinds of calls")
    func client() async throws {
        var configuration = RPCServer.Configuration()
        configuration.compression = .gzip
        try await withServer(configuration: configuration) { _, server, _ in
            var configuration = RPCClient.Configuration()
            configuration.compression = .gzip
            let client = try RPCClient(host: "127.0.0.1", port: server.port, security: .plaintext, configuration: configuration)
            let unary = try await client.unary(FourKinds.unary, Fourkinds_Text(Self.long))
            #expect(unary.message.text == Self.long.uppercased())
            let joined = try await client.clientStreaming(FourKinds.clientStreaming) { requests in
                try await requests.write(Fourkinds_Text(Self.long))
                try await requests.write("")
                try await requests.write(Fourkinds_Text(Self.long), compress: false)
            }
            #expect(joined.message.text == "\(Self.long)  \(Self.long)")
            let answers = try await client.bidirectional(FourKinds.bidirectional) { requests, responses in
                try await requests.write(Fourkinds_Text(Self.long))
                requests.finish()
                return try await responses.reduce(into: []) { $0.append($1.text) }
            }
            #expect(answers == [Self.long.uppercased()])
            await client.shutdown()
        }
    }

    @Test("A server's bomb stops at the client's limit, in a unary call and in a stream")
    func bomb() async throws {
        let bomb = try #require(Gzip.compress(Array(repeating: 0, count: 5_000_000)))
        let length = (0..<4).map { UInt8(truncatingIfNeeded: bomb.count >> (24 - 8 * $0)) }
        let head: [(String, String)] = [(":status", "200"), ("content-type", "application/grpc"), ("grpc-encoding", "gzip")]
        let answer = RawFrames.headers(head) + RawFrames.data([1] + length + bomb) + RawFrames.headers([("grpc-status", "0")], ends: true)
        let client = try RPCClient(host: "127.0.0.1", port: try ScriptedServer(answer: answer).port, security: .plaintext)
        let unary = await #expect(throws: RPCError.self) { try await client.unary(FourKinds.unary, "x") }
        #expect(unary?.code == .resourceExhausted)
        await client.shutdown()
        let other = try RPCClient(host: "127.0.0.1", port: try ScriptedServer(answer: answer).port, security: .plaintext)
        let stream = await #expect(throws: RPCError.self) {
            try await other.serverStreaming(FourKinds.serverStreaming, "x") { for try await _ in $0 {} }
        }
        #expect(stream?.code == .resourceExhausted)
        await other.shutdown()
    }
}
