import Holdfast

@testable import HoldfastRPC

/// Frames that are wrong by themselves, or in their place (RFC 9113, sections 3 to 6).
extension HostileClient {
    private static let start = RawFrames.preface + RawFrames.settings
    private static let open = RawFrames.headers(request)
    private static let done = RawFrames.headers(request) + RawFrames.data(hello, ends: true)

    private static func frame(_ type: UInt8, flags: UInt8 = 0, stream: Int32 = 0, length: Int) -> [UInt8] {
        RawFrames.frame(type: type, flags: flags, stream: stream, payload: Array(repeating: 0, count: length))
    }

    static let connections = [
        HostileClient("HTTP/1.1", fromStart: Array("GET / HTTP/1.1\r\n\r\n".utf8), .closed(nil)),
        HostileClient("zeros", fromStart: Array(repeating: 0, count: 100), .closed(nil)),
        HostileClient("a TLS handshake", fromStart: [22, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3] + Array(repeating: 7, count: 300), .closed(nil)),
        HostileClient("a preface with one wrong byte", fromStart: RawFrames.preface.dropLast() + [0] + RawFrames.settings, .closed(nil)),
        HostileClient("half a preface", fromStart: Array(RawFrames.preface.prefix(10)), .closed(nil)),
        HostileClient("PING in place of SETTINGS", fromStart: RawFrames.preface + RawFrames.ping(), .closed(.protocolError)),
        HostileClient("half a frame", fromStart: start + [0, 0, 99, 0, 0, 0, 0], .closed(nil)),

        HostileClient("a frame longer than allowed", open + frame(0, stream: 1, length: 16_385), .closed(.frameSizeError)),
        HostileClient("the longest frame there can be", open + frame(0, stream: 1, length: 0xFF_FFFF), .closed(.frameSizeError)),
        HostileClient("SETTINGS of 5 bytes", frame(4, length: 5), .closed(.frameSizeError)),
        HostileClient("SETTINGS on a stream", frame(4, stream: 1, length: 0), .closed(.protocolError)),
        HostileClient("SETTINGS acknowledged with content", frame(4, flags: 1, length: 6), .closed(.frameSizeError)),
        HostileClient(
            "SETTINGS acknowledged twice", RawFrames.settingsAcknowledged + RawFrames.settingsAcknowledged, .closed(.protocolError)),
        HostileClient("ENABLE_PUSH of 2", RawFrames.settings([(2, 2)]), .closed(.protocolError)),
        HostileClient("a window beyond 2^31", RawFrames.settings([(4, 1 << 31)]), .closed(.flowControlError)),
        HostileClient("a frame size of 1", RawFrames.settings([(5, 1)]), .closed(.protocolError)),
        HostileClient("a frame size of 2^24", RawFrames.settings([(5, 1 << 24)]), .closed(.protocolError)),
        HostileClient("a setting that nobody knows", RawFrames.settings([(0x7777, 7)]), .ignored),
        HostileClient("a header table of 4 GiB", RawFrames.settings([(1, .max)]), .ignored),
        HostileClient(
            "1,000 settings in a frame", RawFrames.settings(Array(repeating: (0x7777, 7), count: 1_000)), .closed(.enhanceYourCalm)),
        HostileClient(
            "windows that later overflow", open + RawFrames.windowUpdate(1_000_000, stream: 1) + RawFrames.settings([(4, 0x7FFF_FFFF)]),
            .reset(.flowControlError)),

        HostileClient("PING of 7 bytes", RawFrames.ping(count: 7), .closed(.frameSizeError)),
        HostileClient("PING on a stream", RawFrames.ping(stream: 1), .closed(.protocolError)),
        HostileClient("RST_STREAM of 3 bytes", open + frame(3, stream: 1, length: 3), .closed(.frameSizeError)),
        HostileClient("RST_STREAM on stream 0", RawFrames.reset(8, stream: 0), .closed(.protocolError)),
        HostileClient("RST_STREAM of an idle stream", RawFrames.reset(8, stream: 7), .closed(.protocolError)),
        HostileClient("RST_STREAM twice", open + RawFrames.reset(8) + RawFrames.reset(8), .ignored),
        HostileClient("WINDOW_UPDATE of 3 bytes", frame(8, length: 3), .closed(.frameSizeError)),
        HostileClient("WINDOW_UPDATE of 0", RawFrames.windowUpdate(0), .closed(.protocolError)),
        HostileClient("WINDOW_UPDATE of 0 for a stream", open + RawFrames.windowUpdate(0, stream: 1), .closed(.protocolError)),
        HostileClient("a connection's window overflows", RawFrames.windowUpdate(0x7FFF_FFFF), .closed(.flowControlError)),
        HostileClient("a stream's window overflows", open + RawFrames.windowUpdate(0x7FFF_FFFF, stream: 1), .reset(.flowControlError)),
        HostileClient("WINDOW_UPDATE of an idle stream", RawFrames.windowUpdate(1, stream: 7), .closed(.protocolError)),
        HostileClient("PRIORITY of 4 bytes", frame(2, stream: 1, length: 4), .closed(.frameSizeError)),
        HostileClient("PRIORITY on stream 0", RawFrames.priority(stream: 0, on: 1), .closed(.protocolError)),
        HostileClient("a stream that depends on itself", RawFrames.priority(stream: 7, on: 7), .closed(.protocolError)),
        HostileClient("GOAWAY of 7 bytes", frame(7, length: 7), .closed(.frameSizeError)),
        HostileClient("GOAWAY on a stream", frame(7, stream: 1, length: 8), .closed(.protocolError)),
        HostileClient(
            "GOAWAY with junk", RawFrames.goAway(lastStream: 0, code: 99, debug: Array(repeating: 255, count: 9_000)), .ignored),
        HostileClient(
            "GOAWAY below a stream that the server never opened", RawFrames.goAway(lastStream: 255, code: 0), .closed(.protocolError)),
        HostileClient("a frame type that nobody knows", frame(0xEE, flags: 255, stream: 77, length: 16_384), .ignored),
        HostileClient("PUSH_PROMISE", open + frame(5, flags: 4, stream: 1, length: 4), .closed(.protocolError)),

        HostileClient("DATA on stream 0", RawFrames.data(hello, stream: 0), .closed(.protocolError)),
        HostileClient("DATA on an idle stream", RawFrames.data(hello, stream: 7), .closed(.protocolError)),
        HostileClient("DATA behind END_STREAM", done + RawFrames.data(hello), .closed(.streamClosed)),
        HostileClient("END_STREAM twice", done + RawFrames.data([], ends: true), .closed(.streamClosed)),
        HostileClient("DATA behind RST_STREAM", open + RawFrames.reset(8) + RawFrames.data(hello), .ignored),
        HostileClient(
            "padding longer than its frame", open + RawFrames.frame(type: 0, flags: 8, stream: 1, payload: [9, 0]),
            .closed(.protocolError)),
        HostileClient(
            "padding without its length", open + RawFrames.frame(type: 0, flags: 8, stream: 1, payload: []), .closed(.protocolError)),
        HostileClient(
            "nothing but padding",
            RawFrames.headers(request(path: "/fourkinds.FourKinds/ClientStreaming"))
                + RawFrames.repeated(200) { _ in
                    RawFrames.frame(type: 0, flags: 8, stream: 1, payload: [255] + Array(repeating: 0, count: 255))
                }
                + RawFrames.data([], ends: true), .status(.ok)),
        HostileClient(
            "more than the stream's window",
            RawFrames.headers(request(path: "/fourkinds.FourKinds/Bidirectional"))
                + RawFrames.repeated(40) { _ in
                    RawFrames.data(Array([[UInt8]](repeating: hello, count: 2_000).joined()))
                }, .reset(.flowControlError)),
    ]
}
