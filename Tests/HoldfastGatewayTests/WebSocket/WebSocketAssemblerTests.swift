import NIOCore
import NIOWebSocket
import Testing

@testable import HoldfastGateway

@Suite("Messages in frames")
struct WebSocketAssemblerTests {
    private static func frame(
        _ opcode: WebSocketOpcode, _ bytes: [UInt8] = [], fin: Bool = true, rsv1: Bool = false, isMasked: Bool = true
    ) -> WebSocketFrame {
        let key = WebSocketMaskingKey([1, 2, 3, 4])!
        var data = ByteBuffer(bytes: bytes)
        if isMasked { data.webSocketMask(key) }
        return WebSocketFrame(fin: fin, rsv1: rsv1, opcode: opcode, maskKey: isMasked ? key : nil, data: data)
    }

    private static func take(_ frames: [WebSocketFrame]) throws(WebSocketFailure) -> [WebSocketAssembler.Event] {
        var assembler = WebSocketAssembler(longestMessage: 10)
        var events: [WebSocketAssembler.Event] = []
        for frame in frames {
            if let event = try assembler.take(frame) { events.append(event) }
        }
        return events
    }

    @Test("Fragments are put together, with control frames between them, and characters across them")
    func fragments() throws {
        let bytes = Array("aüb".utf8)
        let events = try Self.take([
            Self.frame(.text, Array(bytes[..<2]), fin: false), Self.frame(.ping, [7]), Self.frame(.continuation, [], fin: false),
            Self.frame(.continuation, Array(bytes[2...])), Self.frame(.text, []),
        ])
        #expect(events == [.ping(ByteBuffer(bytes: [7])), .message(bytes), .message([])])
    }

    @Test(
        "What RFC 6455 does not allow has its code",
        arguments: [
            ([frame(.text, isMasked: false)], 1002),
            ([frame(.text, rsv1: true)], 1002),
            ([frame(.init(encodedWebSocketOpcode: 3)!)], 1002),
            ([frame(.continuation)], 1002),
            ([frame(.text, fin: false), frame(.text)], 1002),
            ([frame(.text, fin: false), frame(.binary)], 1003),
            ([frame(.binary)], 1003),
            ([frame(.text, [0xFF])], 1007),
            ([frame(.text, [0xE2, 0x82], fin: false), frame(.continuation)], 1007),
            ([frame(.text, Array(repeating: 0x20, count: 11))], 1009),
            ([frame(.text, Array(repeating: 0x20, count: 6), fin: false), frame(.continuation, Array(repeating: 0x20, count: 5))], 1009),
            ([frame(.connectionClose, [3])], 1002),
            ([frame(.connectionClose, [3, 0xED])], 1002),
            ([frame(.connectionClose, [0, 0])], 1002),
            ([frame(.connectionClose, [0x13, 0x88])], 1002),
            ([frame(.connectionClose, [3, 0xE8, 0xFF])], 1007),
        ])
    func refused(frames: [WebSocketFrame], code: Int) {
        let failure = #expect(throws: WebSocketFailure.self) { try Self.take(frames) }
        #expect(failure?.code == WebSocketErrorCode(codeNumber: code), "\(failure?.reason ?? "")")
    }

    @Test(
        "Closing frames say their code or none",
        arguments: [([], nil), ([3, 0xE8], 1000), ([0x0F, 0xA0, 0x61], 4000)] as [([UInt8], Int?)])
    func close(bytes: [UInt8], code: Int?) throws {
        #expect(try Self.take([Self.frame(.connectionClose, bytes)]) == [.close(code.map { WebSocketErrorCode(codeNumber: $0) })])
    }
}
