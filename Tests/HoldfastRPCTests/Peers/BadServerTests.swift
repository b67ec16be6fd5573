import Holdfast
import Testing

@testable import HoldfastRPC

@Suite("What the client makes of a server's answers")
struct BadServerTests {
    private static let ok = [(":status", "200"), ("content-type", "application/grpc")]
    private static let message: [UInt8] = [0, 0, 0, 0, 3, 10, 1, 65]
    private static let good = RawFrames.headers([("grpc-status", "0")], ends: true)

    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let answer: [UInt8]
        let code: StatusCode
        let message: String
        var testDescription: String { name }
    }

    private static func plain(_ fields: [(String, String)]) -> [UInt8] {
        RawFrames.headers(fields, ends: true)
    }

    private static func afterHead(_ rest: [UInt8]) -> [UInt8] {
        RawFrames.headers(ok) + rest
    }

    private static let cases: [Case] = [
        Case(
            name: "another content-type", answer: plain([(":status", "200"), ("content-type", "text/html")]), code: .unknown,
            message: "the server answered with content-type \"text/html\"; application/grpc was expected"),
        Case(
            name: "a content-type that only begins alike",
            answer: plain([(":status", "200"), ("content-type", "application/grpc-web")]), code: .unknown,
            message: "the server answered with content-type \"application/grpc-web\"; application/grpc was expected"),
        Case(
            name: "no content-type", answer: plain([(":status", "200")]), code: .unknown,
            message: "the server's answer has no content-type; application/grpc was expected"),
        Case(
            name: "HTTP 503", answer: plain([(":status", "503")]), code: .unavailable,
            message: "the server answered with HTTP status 503"),
        Case(
            name: "HTTP 401", answer: plain([(":status", "401")]), code: .unauthenticated,
            message: "the server answered with HTTP status 401"),
        Case(
            name: "HTTP 404", answer: plain([(":status", "404")]), code: .unimplemented,
            message: "the server answered with HTTP status 404"),
        Case(
            name: "status without messages",
            answer: plain(ok + [("grpc-status", "5"), ("grpc-message", "no%20such%20%F0%9F%90%88")]), code: .notFound,
            message: "no such \u{1F408}"),
        Case(
            name: "a status number that is none", answer: plain(ok + [("grpc-status", "99")]), code: .unknown, message: ""),
        Case(
            name: "no grpc-status", answer: afterHead(RawFrames.headers([("a", "b")], ends: true)), code: .unknown,
            message: "the server ended the call without a grpc-status"),
        Case(
            name: "OK without a message", answer: afterHead(good), code: .internalError,
            message: "the server answered OK without a message"),
        Case(
            name: "two messages", answer: afterHead(RawFrames.data(message + message) + good), code: .internalError,
            message: "the server sent more than one message in answer to a unary call"),
        Case(
            name: "a compressed flag", answer: afterHead(RawFrames.data([1] + message.dropFirst()) + good), code: .internalError,
            message: "a message is marked as compressed, but no grpc-encoding was agreed on"),
        Case(
            name: "a compression that was not offered", answer: RawFrames.headers(ok + [("grpc-encoding", "br")]),
            code: .internalError, message: "the server compresses with \"br\", which was not offered to it"),
        Case(
            name: "a length over the limit", answer: afterHead(RawFrames.data([0, 255, 255, 255, 255])), code: .resourceExhausted,
            message: "a message of 4294967295 bytes is longer than the limit of 4194304"),
        Case(
            name: "an end inside a message", answer: afterHead(RawFrames.data([0, 0, 0, 0, 9, 1], ends: true)),
            code: .internalError, message: "the stream ended in the middle of a message"),
        Case(
            name: "no valid Protocol Buffers", answer: afterHead(RawFrames.data([0, 0, 0, 0, 3, 10, 1, 255]) + good),
            code: .internalError, message: "a response of /fourkinds.FourKinds/Unary is no valid Fourkinds_Text: "),
        Case(
            name: "ENHANCE_YOUR_CALM", answer: RawFrames.reset(11), code: .resourceExhausted,
            message: "the server reset the stream with ENHANCE_YOUR_CALM before it sent a status"),
        Case(
            name: "CANCEL", answer: RawFrames.reset(8), code: .cancelled,
            message: "the server reset the stream with CANCEL before it sent a status"),
        Case(
            name: "GOAWAY below the call", answer: RawFrames.goAway(lastStream: 0, code: 11), code: .unavailable,
            message: "the server refused the call before it began"),
        Case(
            name: "an unlawful frame", answer: RawFrames.data([1, 2, 3], stream: 2), code: .unavailable,
            message: "lost the connection to 127.0.0.1:"),
    ]

    @Test("Each bad answer is one clear error", arguments: cases)
    func answer(_ test: Case) async throws {
        let server = try ScriptedServer(answer: test.answer)
        let client = RPCClient(host: "127.0.0.1", port: server.port, security: .plaintext)
        let error = await #expect(throws: RPCError.self) { try await client.unary(FourKinds.unary, "x") }
        #expect(error?.code == test.code)
        #expect(error?.message.hasPrefix(test.message) == true, "\(error?.message ?? "")")
        await client.shutdown()
    }

    @Test("An interim response is passed over")
    func interim() async throws {
        let answer = RawFrames.headers([(":status", "103")]) + Self.afterHead(RawFrames.data(Self.message) + Self.good)
        let server = try ScriptedServer(answer: answer)
        let client = RPCClient(host: "127.0.0.1", port: server.port, security: .plaintext)
        #expect(try await client.unary(FourKinds.unary, "x").message == "A")
        await client.shutdown()
    }

    @Test("A server that speaks no HTTP/2 cannot be connected to", arguments: ["HTTP/1.1 400 Bad Request\r\n\r\n", "SSH-2.0-x\r\n"])
    func noHTTP2(greeting: String) async throws {
        let server = try ScriptedServer(greeting: Array(greeting.utf8), answer: [])
        let client = RPCClient(host: "127.0.0.1", port: server.port, security: .plaintext)
        let error = await #expect(throws: RPCError.self) { try await client.unary(FourKinds.unary, "x") }
        #expect(error?.isConnectionError == true)
        #expect(error?.message.contains("HTTP/2") == true, "\(error?.message ?? "")")
        await client.shutdown()
    }
}
