import Holdfast
import Testing

@testable import HoldfastRPC

@Suite("Session, client against server in memory")
struct HTTP2SessionTests {
    @Test("A request and its answer arrive, in order, and the stream is gone on both sides")
    func unary() throws {
        let pair = try SessionPair()
        let call = pair.request([[1, 2, 3]], metadata: ["k": "v"])
        try pair.exchange()
        let request = try #require(pair.lastRequest)
        #expect(request.head.path == "/a.B/C")
        #expect(request.head.timeout == 1_000_000)
        #expect(request.head.metadata["k"] == "v")
        #expect(pair.serverEvents.map(\.summary) == ["settings", "head", "message(3)", "ended"])

        request.outbound.append([4, 5])
        request.outbound.isFinished = true
        request.finalStatus = FinalStatus(metadata: ["t": "u"])
        pair.server.submitResponse(request, metadata: ["m": "n"])
        try pair.exchange()
        #expect(
            pair.clientEvents.map(\.summary).filter { $0 != "drained" && $0 != "settings" } == [
                "head", "message(2)", "ended", "closed(NO_ERROR)",
            ])
        #expect(call.head.metadata["m"] == "n")
        #expect(call.trailers?.metadata["t"] == "u")
        #expect(call.trailers?.grpcStatus == 0)
        #expect(pair.client.streams.isEmpty && pair.server.streams.isEmpty)
    }

    @Test("S64: a request can be withdrawn until its headers have been written out, and not after that")
    func withdrawal() throws {
        let pair = try SessionPair()
        let sent = pair.request([[1]])
        try pair.exchange()
        let waiting = pair.request([[2]])
        #expect(waiting.isOpen && pair.client.streams.count == 2)
        #expect(!pair.client.withdraw(sent) && sent.isOpen)
        #expect(pair.client.withdraw(waiting) && !waiting.isOpen)
        #expect(Array(pair.client.streams.keys) == [sent.id])
        #expect(!pair.client.withdraw(waiting))
    }

    @Test("An answer of headers and status only has no trailers")
    func trailersOnly() throws {
        let pair = try SessionPair()
        let call = pair.request([[1]])
        try pair.exchange()
        let status = FinalStatus(RPCError(.notFound, "no such k\u{E4}tzchen"))
        pair.server.submitStatus(try #require(pair.lastRequest), metadata: [:], status: status)
        try pair.exchange()
        #expect(call.trailers == nil)
        #expect(call.head.grpcStatus == StatusCode.notFound.rawValue)
        #expect(call.head.grpcMessage == "no such k\u{E4}tzchen")
    }

    /// A stream whose reader takes nothing.
    private final class Stalled: SessionStream, @unchecked Sendable {
        override func takeReturnableBytes() -> Int { 0 }
    }

    @Test("A stream that nobody reads is stopped at its window, and the others go on")
    func stalledStream() throws {
        var limits = SessionLimits()
        limits.flowControl = try FlowControl(streamWindow: 70_000, connectionWindow: 100_000)
        var made = 0
        let pair = try SessionPair(server: limits) {
            made += 1
            return made == 1 ? Stalled() : SessionStream()
        }
        let stalled = pair.request([Array(repeating: 1, count: 1_000_000)])
        for _ in 0..<10 { pair.request([Array(repeating: 2, count: 90_000)]) }
        try pair.exchange()
        #expect(pair.serverEvents.filter { $0.summary == "message(90000)" }.count == 10)
        #expect(stalled.isOpen && !stalled.outbound.isEmpty)
        #expect(pair.clientBytes < 10 * 90_000 + 70_000 + 10_000)
    }

    @Test("A message longer than the window arrives, since an incomplete message gives its window back")
    func longMessage() throws {
        var limits = SessionLimits()
        limits.flowControl = try FlowControl(streamWindow: 65_535)
        let pair = try SessionPair(server: limits)
        pair.request([Array(repeating: 1, count: 1_000_000)])
        try pair.exchange()
        #expect(pair.serverEvents.map(\.summary).contains("message(1000000)"))
    }

    @Test("A message over the limit stops the stream, and its bytes are not kept")
    func overLimit() throws {
        var limits = SessionLimits()
        limits.messageLength = 10
        let pair = try SessionPair(server: limits)
        pair.request([Array(repeating: 1, count: 11)])
        try pair.exchange()
        #expect(
            pair.serverEvents.map(\.summary)
                == ["settings", "head", "malformed(a message of 11 bytes is longer than the limit of 10)", "ended"])
    }

    @Test("Headers over the limit are marked, and not kept")
    func longHeaders() throws {
        var limits = SessionLimits()
        limits.headerListSize = 1_000
        let pair = try SessionPair(server: limits)
        var metadata = Metadata()
        for number in 0..<100 { metadata.add(String(repeating: "x", count: 100), for: "k\(number)") }
        pair.request([[1]], metadata: metadata)
        try pair.exchange()
        let request = try #require(pair.lastRequest)
        #expect(request.head.isTooLarge)
        #expect(request.head.metadata.count < 10)
    }

    @Test("A header block that nghttp2 does not send resets its stream: nobody waits for it for ever")
    func unsendable() throws {
        let pair = try SessionPair()
        let call = pair.request([[1]])
        try pair.exchange()
        let request = try #require(pair.lastRequest)
        pair.server.submitResponse(request, metadata: ["long": String(repeating: "x", count: 70_000)])
        try pair.exchange()
        #expect(!call.isOpen && pair.clientEvents.map(\.summary).last == "closed(INTERNAL_ERROR)")
    }

    @Test("The answer to a shutdown's ping is told from those to others")
    func shutdownPing() throws {
        let pair = try SessionPair()
        pair.server.submitPing()
        pair.server.submitShutdownNotice()
        try pair.exchange()
        let answers = pair.serverEvents.compactMap { if case .pong(let isForShutdown) = $0 { isForShutdown } else { nil } }
        #expect(answers == [false, true])
    }

    @Test("A reset reaches the other side")
    func reset() throws {
        let pair = try SessionPair()
        let call = pair.request([[1]], finished: false)
        try pair.exchange()
        pair.client.reset(call, .cancel)
        try pair.exchange()
        #expect(pair.serverEvents.last?.summary == "closed(CANCEL)")
        #expect(!call.isOpen)
    }

    @Test("Bytes that are no HTTP/2 are an error, and nothing else", arguments: ["GET / HTTP/1.1\r\n\r\n", "\0\0\0\0\0\0\0\0\0\0"])
    func garbage(text: String) throws {
        let server = try HTTP2Session(role: .server, limits: SessionLimits())
        #expect(throws: SessionError.self) {
            try Array(text.utf8).withUnsafeBytes { try server.receive($0) }
        }
    }

    @Test("Damage anywhere in a conversation never traps", arguments: 0..<200)
    func damage(seed: UInt64) throws {
        let pair = try SessionPair()
        pair.request([[1, 2, 3], Array(repeating: 9, count: 300)], metadata: ["some-key": "some value"])
        var bytes = try pair.output(of: pair.client)
        let random = RandomSource(seed: seed)
        for _ in 0..<3 { bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: random.next()) }
        try? pair.feed(pair.server, bytes)
        _ = pair.server.takeEvents()
        _ = try? pair.output(of: pair.server)
    }
}
