import Holdfast

@testable import HoldfastRPC

/// Header blocks that are wrong as HPACK (RFC 7541), as blocks, or as a request (RFC 9113, section 8).
extension HostileClient {
    private static let block = RawFrames.block(request)
    private static let body = RawFrames.data(hello, ends: true)

    private static func hpack(_ name: String, _ bytes: [UInt8], _ end: End = .closed(.compressionError)) -> HostileClient {
        HostileClient(name, RawFrames.headers(block: block + bytes), end)
    }

    static let headerBlocks = [
        hpack("HPACK: index 0", [0x80]),
        hpack("HPACK: an index beyond the table", [0xFF, 0x7F]),
        hpack("HPACK: a number without end", [0xFF] + Array(repeating: 0xFF, count: 20)),
        hpack("HPACK: a text longer than its block", [0, 1, 97, 100, 98]),
        hpack("HPACK: a text of 4 GiB", [0, 1, 97, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F]),
        hpack("HPACK: Huffman's code with bad padding", [0, 1, 97, 0x81, 0x00]),
        hpack("HPACK: Huffman's end of string", [0, 1, 97, 0x84, 0xFF, 0xFF, 0xFF, 0xFF]),
        hpack("HPACK: a table larger than agreed", [0x3F, 0xE1, 0xFF, 0x03]),
        HostileClient(
            "HPACK: a bomb, 4,000 bytes named 16,000 times",
            RawFrames.headers(block: block + [0x40] + RawFrames.text("x") + RawFrames.text(String(repeating: "y", count: 4_000)), flags: 0)
                + RawFrames.continuation(Array(repeating: 0xBE, count: 16_000), ends: true) + body,
            .reset(.internalError)),
        HostileClient(
            "a header list beyond the limit",
            fields: request + (0..<200).map { ("key-\($0)", String(repeating: "v", count: 60)) },
            .status(.resourceExhausted, "the headers are longer than the limit of 16384 bytes")),
        HostileClient(
            "a header list beyond the limit in front of the content-type",
            fields: request("content-type", nil) + (0..<200).map { ("key-\($0)", String(repeating: "v", count: 60)) }
                + [("content-type", "application/grpc")],
            .status(.resourceExhausted, "the headers are longer than the limit of 16384 bytes")),
        HostileClient(
            "thousands of empty fields", fields: request + Array(repeating: ("a", ""), count: 1_600),
            .status(.resourceExhausted, "the headers are longer than the limit of 16384 bytes")),

        HostileClient("CONTINUATION without HEADERS", RawFrames.continuation(block, ends: true), .closed(.protocolError)),
        HostileClient(
            "CONTINUATION of another stream", RawFrames.headers(block: block, flags: 0) + RawFrames.continuation([], stream: 3, ends: true),
            .closed(.protocolError)),
        HostileClient(
            "a PING inside a header block", RawFrames.headers(block: block, flags: 0) + RawFrames.ping(), .closed(.protocolError)),
        HostileClient(
            "a header block in nine pieces",
            RawFrames.headers(block: [], flags: 0) + RawFrames.repeated(7) { _ in RawFrames.continuation([]) }
                + RawFrames.continuation(block, ends: true) + body, .status(.ok)),
        HostileClient(
            "HEADERS with padding longer than the frame", RawFrames.headers(block: [200] + block, flags: 12), .closed(.protocolError)),
        HostileClient("HEADERS on stream 0", RawFrames.headers(request, stream: 0), .closed(.protocolError)),
        HostileClient("HEADERS on an even stream", RawFrames.headers(request, stream: 2), .closed(.protocolError)),
        HostileClient(
            "HEADERS on a lower stream", RawFrames.headers(request, stream: 5) + RawFrames.headers(request, stream: 3), .ignored),
        HostileClient(
            "HEADERS behind END_STREAM", RawFrames.headers(request) + body + RawFrames.headers([("a", "b")], ends: true),
            .closed(.streamClosed)),
        HostileClient(
            "HEADERS that depend on themselves", RawFrames.headers(block: [0, 0, 0, 1, 15] + block, flags: 0x24), .closed(.protocolError)),
    ]

    private static func broken(_ name: String, _ fields: [(String, String)]) -> HostileClient {
        HostileClient(name, fields: fields, .reset(.protocolError))
    }

    static let requests = [
        broken("a name in upper case", request + [("Upper", "x")]),
        broken("a name with a space", request + [("a b", "x")]),
        broken("a pseudo-header behind the others", request.filter { $0.0 != ":path" } + [(":path", "/x/y")]),
        broken("two paths", [(":path", "/x/y")] + request),
        broken("no path", request(":path", nil)),
        broken("an empty path", request(":path", "")),
        broken("no method", request(":method", nil)),
        broken("no scheme", request(":scheme", nil)),
        broken("a pseudo-header that nobody knows", [(":what", "x")] + request),
        broken("a :status", [(":status", "200")] + request),
        broken("a connection header", request + [("connection", "close")]),
        broken("te other than trailers", request("te", "gzip")),
        broken("a content-length that is none", request + [("content-length", "x")]),
        broken("two content-lengths", request + [("content-length", "8"), ("content-length", "8")]),
        broken("a content-length too small", request + [("content-length", "3")]),
        broken("a content-length too large", request + [("content-length", "99")]),
        HostileClient(
            "a second header block that does not end the stream", RawFrames.headers(request) + RawFrames.headers([("a", "b")]),
            .reset(.protocolError)),
        HostileClient(
            "a pseudo-header in trailers", RawFrames.headers(request) + RawFrames.headers([(":path", "/x")], ends: true),
            .reset(.protocolError)),
        HostileClient(
            "trailers of a client", RawFrames.headers(request) + RawFrames.data(hello) + RawFrames.headers([("a", "b")], ends: true),
            .status(.ok)),

        HostileClient("GET", fields: request(":method", "GET"), .http(405)),
        HostileClient("no content-type", fields: request("content-type", nil), .http(415)),
        HostileClient("another content-type", fields: request("content-type", "text/plain"), .http(415)),
        HostileClient("a content-type that only begins alike", fields: request("content-type", "application/grpc-web"), .http(415)),
        HostileClient("a content-type in upper case", fields: request("content-type", "APPLICATION/GRPC"), .http(415)),
        HostileClient("an empty content-type", fields: request("content-type", ""), .http(415)),
        HostileClient("a content-type with a suffix", fields: request("content-type", "application/grpc+proto"), .status(.ok)),

        HostileClient(
            "an unknown method", fields: request(":path", "/no.Such/Method"), .status(.unimplemented, "there is no method /no.Such/Method")),
        HostileClient("a path without a slash", fields: request(":path", "Unary"), .reset(.protocolError)),
        HostileClient(
            "a path of 10,000 bytes", fields: request(":path", "/" + String(repeating: "x", count: 10_000)),
            .status(.unimplemented, "there is no method /xxxx")),
        HostileClient(
            "a path of other letters", fields: request(":path", "/\u{1F408}/\u{202E}"), .status(.unimplemented, "there is no method ")),
        HostileClient("an encoding nobody knows", fields: request("grpc-encoding", "lzma"), .status(.unimplemented)),
        HostileClient(
            "a timeout of words", fields: request("grpc-timeout", "soon"), .status(.internalError, "the grpc-timeout is malformed")),
        HostileClient(
            "a timeout without unit", fields: request("grpc-timeout", "1"), .status(.internalError, "the grpc-timeout is malformed")),
        HostileClient("an empty timeout", fields: request("grpc-timeout", ""), .status(.internalError, "the grpc-timeout is malformed")),
        HostileClient(
            "a negative timeout", fields: request("grpc-timeout", "-1S"), .status(.internalError, "the grpc-timeout is malformed")),
        HostileClient(
            "a timeout of 9 digits", fields: request("grpc-timeout", "123456789m"), .status(.internalError, "the grpc-timeout is malformed")
        ),
        HostileClient("a timeout of nothing", fields: request("grpc-timeout", "0n"), .status(.deadlineExceeded)),
        HostileClient("the longest timeout", fields: request("grpc-timeout", "99999999H"), .status(.ok)),
        HostileClient("bytes that are no Base64", fields: request + [("trace-bin", "*?*")], .status(.ok)),
        HostileClient("metadata that is not ASCII", fields: request + [("name", "\u{1F408}")], .status(.ok)),
        HostileClient("metadata with a line break", fields: request + [("name", "a\r\nb: c")], .reset(.protocolError)),
    ]
}
