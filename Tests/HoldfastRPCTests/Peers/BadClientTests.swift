import Holdfast
import NIOCore
import Testing

@testable import HoldfastRPC

@Suite("What the server makes of a client's requests")
struct BadClientTests {
    private static let headers = [
        (":method", "POST"), (":scheme", "http"), (":path", "/fourkinds.FourKinds/Unary"), (":authority", "test"),
        ("te", "trailers"), ("content-type", "application/grpc"),
    ]

    private static func headers(_ name: String, _ value: String) -> [(String, String)] {
        let others = headers.map { $0.0 == name ? (name, value) : $0 }
        return others.contains { $0.0 == name } ? others : others + [(name, value)]
    }

    /// Sends a request written by hand, and reads the answer with a proper session.
    private static func answer(of port: Int, to frames: [UInt8]) throws -> SessionStream {
        let socket = try LoopbackSocket.connect(port: port)
        let session = try HTTP2Session(role: .client, limits: SessionLimits())
        let stream = SessionStream()
        stream.outbound.isFinished = true
        // The session believes that it has sent stream 1 itself.
        _ = session.submitRequest(stream, authority: "", path: "/", timeout: nil, metadata: [:])
        var discarded = ByteBuffer()
        _ = try session.writeOutput(to: &discarded, limit: .max)
        socket.send(RawFrames.preface + RawFrames.settings + frames)
        while stream.isOpen {
            let bytes = socket.receive()
            guard !bytes.isEmpty else { break }
            try bytes.withUnsafeBytes { try session.receive($0) }
            _ = session.takeEvents()
        }
        return stream
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let frames: [UInt8]
        let code: StatusCode
        let message: String
        var testDescription: String { name }

        init(_ name: String, _ frames: [UInt8], _ code: StatusCode, _ message: String) {
            (self.name, self.frames, self.code, self.message) = (name, frames, code, message)
        }

        init(_ name: String, body: [UInt8], _ code: StatusCode, _ message: String) {
            self.init(name, RawFrames.headers(headers) + RawFrames.data(body, ends: true), code, message)
        }
    }

    private static let cases = [
        Case(
            "a length over the limit", body: [0, 0, 64, 0, 1], .resourceExhausted,
            "a message of 4194305 bytes is longer than the limit of 4194304"),
        Case(
            "a compressed flag", body: [1, 0, 0, 0, 0], .internalError,
            "a message is marked as compressed, but no grpc-encoding was agreed on"),
        Case(
            "a flag that is none", body: [7, 0, 0, 0, 0], .internalError, "a message begins with the flag byte 7; only 0 and 1 are defined"),
        Case("an end inside a message", body: [0, 0, 0, 0, 5, 1], .internalError, "the stream ended in the middle of a message"),
        Case("no message", body: [], .internalError, "the method takes one message, and none came"),
        Case(
            "two messages", body: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0], .internalError, "the method takes one message, and more came"),
        Case(
            "invalid UTF-8 in a string", body: [0, 0, 0, 0, 3, 10, 1, 255], .invalidArgument,
            "a request of /fourkinds.FourKinds/Unary is no valid Fourkinds_Text: "),
        Case(
            "a compression", RawFrames.headers(headers("grpc-encoding", "br"), ends: true), .unimplemented,
            "messages compressed with \"br\" are not supported"),
        Case(
            "a malformed timeout", RawFrames.headers(headers("grpc-timeout", "soon"), ends: true), .internalError,
            "the grpc-timeout is malformed"),
        Case(
            "an unknown method", RawFrames.headers(headers(":path", "/no.Such/Method"), ends: true), .unimplemented,
            "there is no method /no.Such/Method"),
    ]

    @Test("Each bad request gets one clear status, and the server goes on", arguments: cases)
    func request(_ test: Case) async throws {
        try await withServer { client, server, _ in
            let answer = try await blocking { try Self.answer(of: server.port, to: test.frames) }
            let last = answer.trailers ?? answer.head
            #expect(last.grpcStatus == test.code.rawValue)
            #expect(last.grpcMessage.hasPrefix(test.message), "\(last.grpcMessage)")
            #expect(try await client.unary(FourKinds.unary, "x").message == "X")
        }
    }

    @Test(
        "What is no gRPC gets an HTTP status", arguments: [("content-type", "text/plain", 415), (":method", "GET", 405)])
    func httpStatus(name: String, value: String, status: Int) async throws {
        try await withServer { _, server, _ in
            let frames = RawFrames.headers(Self.headers(name, value), ends: true)
            let answer = try await blocking { try Self.answer(of: server.port, to: frames) }
            #expect(answer.head.httpStatus == status)
        }
    }

    @Test(
        "Bytes that are no HTTP/2 close that connection only",
        arguments: [
            Array("GET / HTTP/1.1\r\n\r\n".utf8), Array(repeating: 0, count: 100), RawFrames.preface + RawFrames.data([1], stream: 1),
        ])
    func garbage(bytes: [UInt8]) async throws {
        try await withServer { client, server, _ in
            #expect(try await client.unary(FourKinds.unary, "x").message == "X")
            try await blocking {
                let socket = try LoopbackSocket.connect(port: server.port)
                socket.send(bytes)
                while !socket.receive().isEmpty {}
            }
            #expect(try await client.unary(FourKinds.unary, "y").message == "Y")
        }
    }

    @Test("A client that goes away in the middle of a call cancels its handler")
    func vanish() async throws {
        try await withServer { _, server, log in
            let body: [UInt8] = [0, 0, 0, 0, 7, 10, 5] + Array("sleep".utf8)
            try await blocking {
                let socket = try LoopbackSocket.connect(port: server.port)
                socket.send(RawFrames.preface + RawFrames.settings)
                socket.send(RawFrames.headers(Self.headers) + RawFrames.data(body, ends: true))
                _ = socket.receive()
            }
            await log.handlerCancelled()
        }
    }
}
