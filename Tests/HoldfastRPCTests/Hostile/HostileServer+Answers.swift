import Holdfast

@testable import HoldfastRPC

extension HostileServer {
    private static func frame(_ type: UInt8, flags: UInt8 = 0, stream: Int32 = 0, length: Int) -> [UInt8] {
        RawFrames.frame(type: type, flags: flags, stream: stream, payload: Array(repeating: 0, count: length))
    }

    private static func promise(_ stream: Int32) -> [UInt8] {
        RawFrames.frame(
            type: 5, flags: 4, stream: stream,
            payload: [0, 0, 0, 2]
                + RawFrames.block([(":method", "GET"), (":scheme", "http"), (":path", "/"), (":authority", "x"), ("grpc-status", "9")]))
    }

    /// Ends the connection, and the call with it.
    private static func broken(_ name: String, _ answer: @escaping @Sendable (Int32) -> [UInt8]) -> HostileServer {
        HostileServer(name, .unavailable, "lost the connection to 127.0.0.1:", connection: .breaks, answer: answer)
    }

    /// Frames that are wrong by themselves, or in their place.
    static let connections = [
        broken("text") { _ in Array("HTTP/1.1 500 Oops\r\n\r\n".utf8) },
        broken("a frame longer than allowed") { open($0) + frame(0, stream: $0, length: 16_385) },
        broken("SETTINGS of 5 bytes") { _ in frame(4, length: 5) },
        broken("SETTINGS on a stream") { frame(4, stream: $0, length: 0) },
        broken("SETTINGS acknowledged twice") { _ in RawFrames.settingsAcknowledged + RawFrames.settingsAcknowledged },
        broken("ENABLE_PUSH of 1") { _ in RawFrames.settings([(2, 1)]) },
        broken("a window beyond 2^31") { _ in RawFrames.settings([(4, 1 << 31)]) },
        broken("a frame size of 1") { _ in RawFrames.settings([(5, 1)]) },
        broken("PING of 7 bytes") { _ in RawFrames.ping(count: 7) },
        broken("RST_STREAM of 3 bytes") { frame(3, stream: $0, length: 3) },
        broken("RST_STREAM of an idle stream") { _ in RawFrames.reset(8, stream: 99) },
        broken("WINDOW_UPDATE of 0") { _ in RawFrames.windowUpdate(0) },
        broken("a connection's window overflows") { _ in RawFrames.windowUpdate(0x7FFF_FFFF) },
        broken("GOAWAY of 7 bytes") { _ in frame(7, length: 7) },
        HostileServer("GOAWAY that takes back the one before", .unavailable, connection: .either) { _ in
            RawFrames.goAway(lastStream: 1, code: 0) + RawFrames.goAway(lastStream: 255, code: 0)
        },
        broken("DATA on stream 0") { _ in RawFrames.data(hello, stream: 0) },
        broken("DATA on an idle stream") { _ in RawFrames.data(hello, stream: 99) },
        broken("DATA on a stream of the server's own") { _ in RawFrames.data([1, 2, 3], stream: 2) },
        broken("HEADERS on an idle stream") { _ in RawFrames.headers(head, stream: 99) },
        broken("HEADERS on an even stream") { _ in RawFrames.headers(head, stream: 2) },
        broken("PUSH_PROMISE") { RawFrames.settingsAcknowledged + promise($0) },
        HostileServer("PUSH_PROMISE before the server knows that none is wanted", nil) { promise($0) + good($0) },
        broken("padding longer than its frame") { open($0) + RawFrames.frame(type: 0, flags: 8, stream: $0, payload: [9, 0]) },
        broken("CONTINUATION without HEADERS") { RawFrames.continuation(RawFrames.block(head), stream: $0, ends: true) },
        broken("a PING inside a header block") { RawFrames.headers(block: RawFrames.block(head), stream: $0, flags: 0) + RawFrames.ping() },
        broken("HPACK: index 0") { RawFrames.headers(block: [0x80], stream: $0) },
        broken("HPACK: a number without end") { RawFrames.headers(block: Array(repeating: 0xFF, count: 30), stream: $0) },
        broken("HPACK: Huffman's code with bad padding") { RawFrames.headers(block: [0, 1, 97, 0x81, 0x00], stream: $0) },
        broken("HPACK: a table larger than agreed") { RawFrames.headers(block: [0x3F, 0xE1, 0xFF, 0x03], stream: $0) },
        HostileServer("a stream's window overflows", .internalError, "FLOW_CONTROL_ERROR") {
            RawFrames.windowUpdate(0x7FFF_FFFF, stream: $0)
        },
        HostileServer("a setting that nobody knows", nil) { RawFrames.settings([(0x7777, 7)]) + good($0) },
        HostileServer("a header table of 4 GiB", nil) { RawFrames.settings([(1, .max)]) + good($0) },
        HostileServer("frames that nobody knows", nil) { frame(0xEE, flags: 255, stream: 77, length: 16_384) + good($0) },
        HostileServer("ALTSVC and ORIGIN", nil) { frame(10, length: 20) + frame(12, length: 20) + good($0) },
        HostileServer("REFUSED_STREAM", .unavailable, connection: .either) { RawFrames.reset(7, stream: $0) },
        HostileServer("ENHANCE_YOUR_CALM", .resourceExhausted, "ENHANCE_YOUR_CALM") { RawFrames.reset(11, stream: $0) },
        HostileServer("CANCEL", .cancelled, "CANCEL") { RawFrames.reset(8, stream: $0) },
        HostileServer("INADEQUATE_SECURITY", .permissionDenied, "INADEQUATE_SECURITY") { RawFrames.reset(12, stream: $0) },
        HostileServer("NO_ERROR without an answer", .internalError, "NO_ERROR") { RawFrames.reset(0, stream: $0) },
        HostileServer("a reset code that nobody knows", .internalError, "error code 200") { RawFrames.reset(200, stream: $0) },
        HostileServer("RST_STREAM inside a message", .internalError, "INTERNAL_ERROR") {
            open($0) + RawFrames.data([0, 0, 0, 0, 9, 1], stream: $0) + RawFrames.reset(2, stream: $0)
        },
        HostileServer("DATA behind RST_STREAM", .cancelled, connection: .either) {
            open($0) + RawFrames.reset(8, stream: $0) + RawFrames.data(hello, stream: $0)
        },
        HostileServer("DATA behind the status", nil, connection: .either) { good($0) + RawFrames.data(hello, stream: $0) },
        HostileServer("END_STREAM twice", nil, connection: .either) { good($0) + RawFrames.data([], stream: $0, ends: true) },
        HostileServer("GOAWAY below the call, with junk", .unavailable, connection: .either) { _ in
            RawFrames.goAway(lastStream: 0, code: 99, debug: Array(repeating: 255, count: 9_000))
        },
    ]

    private static func refused(_ name: String, _ fields: [(String, String)]) -> HostileServer {
        HostileServer(name, fields: fields, .internalError, "PROTOCOL_ERROR")
    }

    /// Header blocks that are no answer of gRPC, or of HTTP.
    static let headerBlocks = [
        HostileServer("an answer as it should be", nil, answer: good),
        HostileServer("an interim answer", nil) { RawFrames.headers([(":status", "103")], stream: $0) + good($0) },
        refused("no :status", [("content-type", "application/grpc"), ("grpc-status", "0")]),
        refused(":status twice", [(":status", "200")] + head),
        refused(":status of words", [(":status", "okay"), ("content-type", "application/grpc")]),
        refused("a pseudo-header behind the others", [("content-type", "application/grpc"), (":status", "200")]),
        refused("a pseudo-header of requests", head + [(":path", "/")]),
        refused("a name in upper case", head + [("Grpc-Status", "0")]),
        refused("a connection header", head + [("connection", "close")]),
        refused("a content-length too large", head + [("content-length", "99"), ("grpc-status", "0")]),
        refused("101", [(":status", "101")]),
        HostileServer("an interim answer that ends the stream", .internalError, "PROTOCOL_ERROR") {
            RawFrames.headers([(":status", "103")], stream: $0, ends: true)
        },
        HostileServer("two header blocks", .internalError, "PROTOCOL_ERROR") { open($0) + open($0) + status($0) },
        HostileServer("a pseudo-header in trailers", .internalError, "PROTOCOL_ERROR") { open($0) + status($0, head) },
        broken("DATA before HEADERS") { RawFrames.data(hello, stream: $0) + good($0) },

        HostileServer("HTTP 503", fields: [(":status", "503")], .unavailable, "HTTP status 503"),
        HostileServer("HTTP 429", fields: [(":status", "429")], .unavailable, "HTTP status 429"),
        HostileServer("HTTP 401", fields: [(":status", "401")], .unauthenticated, "HTTP status 401"),
        HostileServer("HTTP 403", fields: [(":status", "403")], .permissionDenied, "HTTP status 403"),
        HostileServer("HTTP 404", fields: [(":status", "404")], .unimplemented, "HTTP status 404"),
        HostileServer("HTTP 400", fields: [(":status", "400")], .internalError, "HTTP status 400"),
        HostileServer("HTTP 302", fields: [(":status", "302"), ("location", "/")], .unknown, "HTTP status 302"),
        HostileServer("HTTP 999", fields: [(":status", "999")], .unknown, "HTTP status 999"),
        HostileServer("another content-type", fields: [(":status", "200"), ("content-type", "text/html")], .unknown, "\"text/html\""),
        HostileServer(
            "a content-type that only begins alike", fields: [(":status", "200"), ("content-type", "application/grpc-web")], .unknown,
            "\"application/grpc-web\""),
        HostileServer("no content-type", fields: [(":status", "200")], .unknown, "no content-type"),

        HostileServer(
            "a status alone", fields: head + [("grpc-status", "5"), ("grpc-message", "no%20such%20%F0%9F%90%88")], .notFound,
            "no such \u{1F408}"),
        HostileServer("a status number that is none", fields: head + [("grpc-status", "99")], .unknown),
        HostileServer("a status of words", fields: head + [("grpc-status", "fine")], .unknown),
        HostileServer("a negative status", fields: head + [("grpc-status", "-1")], .unknown),
        HostileServer("an empty status", fields: head + [("grpc-status", "")], .unknown),
        HostileServer("a status of 100 digits", fields: head + [("grpc-status", String(repeating: "1", count: 100))], .unknown),
        HostileServer("two statuses", fields: head + [("grpc-status", "5"), ("grpc-status", "14")], .unavailable),
        HostileServer(
            "a message that is not ASCII", fields: head + [("grpc-status", "5"), ("grpc-message", "\u{1F408}")], .notFound, "\u{1F408}"),
        HostileServer(
            "a message of broken percents", fields: head + [("grpc-status", "5"), ("grpc-message", "%F0%zz%")], .notFound, "%zz%"),
        HostileServer("no grpc-status", .unknown, "without a grpc-status") { open($0) + status($0, [("a", "b")]) },
        HostileServer("no trailers", .unknown, "without a grpc-status") { open($0) + RawFrames.data(hello, stream: $0, ends: true) },
        HostileServer("bytes that are no Base64", nil) {
            open($0) + RawFrames.data(hello, stream: $0) + status($0, [("grpc-status", "0"), ("x-bin", "*?*")])
        },
        HostileServer(
            "a header list beyond the limit", fields: head + Array(repeating: ("key", String(repeating: "v", count: 90)), count: 140),
            .resourceExhausted, "headers"),
        HostileServer("trailers beyond the limit", .resourceExhausted, "trailers") {
            open($0) + status($0, [("grpc-status", "0")] + Array(repeating: ("key", String(repeating: "v", count: 90)), count: 140))
        },
        HostileServer("HPACK: a bomb, 4,000 bytes named 16,000 times", .resourceExhausted, "headers") {
            RawFrames.headers(
                block: RawFrames.block(head) + [0x40] + RawFrames.text("x") + RawFrames.text(String(repeating: "y", count: 4_000)),
                stream: $0,
                flags: 0) + RawFrames.continuation(Array(repeating: 0xBE, count: 16_000), stream: $0, ends: true)
        },
        HostileServer("HPACK: a value of 70,000 bytes", .unavailable, "what it sent was no valid HTTP/2", connection: .breaks) {
            RawFrames.headers(
                block: RawFrames.block(head) + [0] + RawFrames.text("x")
                    + RawFrames.text(String(repeating: "y", count: 70_000)).prefix(16_000),
                stream: $0, flags: 0)
                + RawFrames.continuation(Array(repeating: UInt8(ascii: "y"), count: 16_000), stream: $0, ends: true)
        },
        HostileServer("HPACK: a bomb in trailers", .resourceExhausted, "trailers") {
            open($0)
                + RawFrames.headers(
                    block: [0x40] + RawFrames.text("x") + RawFrames.text(String(repeating: "y", count: 4_000)), stream: $0, flags: 1)
                + RawFrames.continuation(Array(repeating: 0xBE, count: 16_000), stream: $0, ends: true)
        },
    ]

    /// Messages whose framing lies.
    static let messages = [
        HostileServer("OK without a message", .unimplemented, "OK without a message") { open($0) + status($0) },
        HostileServer("two messages", body: hello + hello, .unimplemented, "more than one message"),
        HostileServer("a compressed flag", body: RawFrames.message([1], flag: 1), .internalError),
        HostileServer("a flag that is none", body: RawFrames.message([1], flag: 7), .internalError, "flag byte 7"),
        HostileServer("an encoding that was not offered", fields: head + [("grpc-encoding", "lzma")], .internalError),
        HostileServer(
            "a length over the limit", body: RawFrames.message([], length: .max), .resourceExhausted,
            "a message of 4294967295 bytes is longer than the limit of 4194304"),
        HostileServer(
            "a length longer than the message", body: RawFrames.message([10, 1, 65], length: 9), .internalError,
            "in the middle of a message"),
        HostileServer("a length shorter than the message", body: RawFrames.message([10, 1, 65], length: 2), .internalError),
        HostileServer("half a length", body: [0, 0, 0], .internalError, "in the middle of a message"),
        HostileServer("no valid Protocol Buffers", body: RawFrames.message([10, 1, 255]), .internalError, "is no valid Fourkinds_Text"),
        HostileServer("one byte to a frame", nil) { stream in
            open(stream) + hello.flatMap { RawFrames.data([$0], stream: stream) } + status(stream)
        },
        HostileServer("a message and padding", nil) {
            open($0) + RawFrames.frame(type: 0, flags: 8, stream: $0, payload: [255] + hello + Array(repeating: 0, count: 255)) + status($0)
        },
        HostileServer("10,000 empty messages", body: Array(repeating: 0, count: 16_000), .unimplemented, "more than one message"),
    ]

    /// What is right by itself, without end.
    static let floods = [
        broken("a flood of SETTINGS") { _ in RawFrames.repeated(20_000) { _ in RawFrames.settings([(4, 1)]) } },
        broken("a flood of PING") { _ in RawFrames.repeated(20_000) { _ in RawFrames.ping() } },
        broken("a flood of empty DATA") { stream in open(stream) + RawFrames.repeated(20_000) { _ in RawFrames.data([], stream: stream) } },
        broken("a flood of PRIORITY") { stream in RawFrames.repeated(20_000) { _ in RawFrames.priority(stream: stream, on: 0) } },
        broken("a flood of interim answers") { stream in
            RawFrames.repeated(10_000) { _ in RawFrames.headers([(":status", "103")], stream: stream) }
        },
        broken("a flood of CONTINUATION") { stream in
            RawFrames.headers(block: [], stream: stream, flags: 0)
                + RawFrames.repeated(1_000) { _ in RawFrames.continuation([], stream: stream) }
        },
        HostileServer("a flood of WINDOW_UPDATE", nil) { RawFrames.repeated(10_000) { _ in RawFrames.windowUpdate(1) } + good($0) },
    ]
}
