import Holdfast

@testable import HoldfastRPC

/// Messages whose framing lies, and floods of what is right by itself.
extension HostileClient {
    private static let open = RawFrames.headers(request)

    static let messages = [
        HostileClient(
            "a length over the limit", body: RawFrames.message([], length: 4_194_305),
            .status(.resourceExhausted, "a message of 4194305 bytes is longer than the limit of 4194304")),
        HostileClient(
            "a length of 4 GiB", body: RawFrames.message([], length: .max), .status(.resourceExhausted, "a message of 4294967295 bytes")),
        HostileClient("a compressed flag", body: RawFrames.message([1], flag: 1), .status(.internalError)),
        HostileClient("a flag that is none", body: RawFrames.message([1], flag: 7), .status(.internalError)),
        HostileClient(
            "a length longer than the message", body: RawFrames.message([10, 1, 65], length: 9),
            .status(.internalError, "the stream ended in the middle of a message")),
        HostileClient("a length shorter than the message", body: RawFrames.message([10, 1, 65], length: 2), .status(.internalError)),
        HostileClient("half a length", body: [0, 0, 0], .status(.internalError, "the stream ended in the middle of a message")),
        HostileClient("no message", body: [], .status(.unimplemented, "the method takes one message, and none came")),
        HostileClient("two messages", body: hello + hello, .status(.unimplemented, "the method takes one message, and more came")),
        HostileClient(
            "invalid UTF-8 in a string", body: RawFrames.message([10, 1, 255]),
            .status(.internalError, "a request of /fourkinds.FourKinds/Unary is no valid Fourkinds_Text: ")),
        HostileClient("a field longer than its message", body: RawFrames.message([10, 99, 65]), .status(.internalError)),
        HostileClient("an empty message", body: RawFrames.message([]), .status(.ok)),
        HostileClient("RST_STREAM inside a message", open + RawFrames.data([0, 0, 0, 0, 9, 1]) + RawFrames.reset(8), .ignored),
        HostileClient("RST_STREAM with a code that nobody knows", open + RawFrames.reset(200), .ignored),
        HostileClient("one byte to a frame", open + hello.flatMap { RawFrames.data([$0]) } + RawFrames.data([], ends: true), .status(.ok)),
        HostileClient(
            "12,000 empty messages",
            RawFrames.headers(request(path: "/fourkinds.FourKinds/ClientStreaming"))
                + RawFrames.repeated(6) { _ in RawFrames.data(Array(repeating: 0, count: 10_000)) } + RawFrames.data([], ends: true),
            .status(.ok)),
    ]

    static let floods = [
        HostileClient("a flood of SETTINGS", RawFrames.repeated(20_000) { _ in RawFrames.settings([(4, 1)]) }, .closed(.enhanceYourCalm)),
        HostileClient("a flood of PING", RawFrames.repeated(20_000) { _ in RawFrames.ping() }, .closed(.enhanceYourCalm)),
        HostileClient(
            "a flood of PRIORITY", RawFrames.repeated(20_000) { RawFrames.priority(stream: 1 + 2 * ($0 % 500), on: 0) },
            .closed(.enhanceYourCalm)),
        HostileClient("a flood of empty DATA", open + RawFrames.repeated(20_000) { _ in RawFrames.data([]) }, .closed(.enhanceYourCalm)),
        HostileClient(
            "a flood of padding", open + RawFrames.repeated(5_000) { _ in RawFrames.frame(type: 0, flags: 8, stream: 1, payload: [1, 0]) },
            .closed(.enhanceYourCalm)),
        HostileClient(
            "a flood of GOAWAY", RawFrames.repeated(20_000) { _ in RawFrames.goAway(lastStream: 0, code: 0) }, .closed(.enhanceYourCalm)),
        HostileClient(
            "a flood of CONTINUATION",
            RawFrames.headers(block: [], flags: 0) + RawFrames.repeated(1_000) { _ in RawFrames.continuation([]) },
            .closed(nil)),
        HostileClient(
            "rapid reset (CVE-2023-44487)",
            RawFrames.repeated(15_000) {
                RawFrames.headers(request, stream: 1 + 2 * $0, ends: true) + RawFrames.reset(8, stream: 1 + 2 * $0)
            },
            .closed(.internalError)),
        HostileClient(
            "resets that the server is made to send (CVE-2025-8671)",
            RawFrames.repeated(10_000) {
                RawFrames.headers(request, stream: 1 + 2 * $0) + RawFrames.windowUpdate(0x7FFF_FFFF, stream: 1 + 2 * $0)
            }, .closed(.enhanceYourCalm)),
        HostileClient(
            "requests that are none, without end",
            RawFrames.repeated(10_000) { RawFrames.headers([("a", "b")], stream: 1 + 2 * $0, ends: true) }, .closed(.enhanceYourCalm)),
        HostileClient("a flood of WINDOW_UPDATE", RawFrames.repeated(10_000) { _ in RawFrames.windowUpdate(1) }, .ignored),
        HostileClient(
            "a flood of frames that nobody knows",
            RawFrames.repeated(20_000) { _ in RawFrames.frame(type: 99, flags: 0, stream: 0, payload: []) }, .ignored),
    ]
}
