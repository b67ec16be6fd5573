import Holdfast
import Testing

@testable import HoldfastRPC

@Suite("Statuses that the server did not say")
struct StatusMappingTests {
    @Test(
        "HTTP statuses map as gRPC's \"HTTP to gRPC Status Code Mapping\" lays down",
        arguments: [
            (400, .internalError), (401, .unauthenticated), (403, .permissionDenied), (404, .unimplemented), (429, .unavailable),
            (502, .unavailable), (503, .unavailable), (504, .unavailable), (0, .unknown), (200, .unknown), (302, .unknown),
            (500, .unknown), (505, .unknown),
        ] as [(Int, StatusCode)])
    func http(status: Int, code: StatusCode) {
        #expect(StatusMapping.code(httpStatus: status) == code)
    }

    @Test(
        "RST_STREAM codes map as \"gRPC over HTTP2\" lays down",
        arguments: [
            (0, .internalError), (1, .internalError), (2, .internalError), (3, .internalError), (4, .internalError), (5, .internalError),
            (6, .internalError), (7, .unavailable), (8, .cancelled), (9, .internalError), (10, .internalError), (11, .resourceExhausted),
            (12, .permissionDenied), (13, .internalError), (0xFFFF_FFFF, .internalError),
        ] as [(UInt32, StatusCode)])
    func reset(code: UInt32, status: StatusCode) {
        #expect(StatusMapping.code(reset: code) == status)
    }

    @Test(
        "S61: HTTP's way to say when to come back counts where gRPC's is not used",
        arguments: [
            ([("retry-after", "30")], .seconds(30)), ([("retry-after", "0")], .zero),
            ([("retry-after", "4294967295")], .seconds(4_294_967_295)),
            ([("retry-after", "Wed, 21 Oct 2026 07:28:00 GMT")], nil), ([("retry-after", "-1")], nil), ([], nil),
            ([("retry-after", "30"), ("grpc-retry-pushback-ms", "7")], .milliseconds(7)),
        ] as [([(String, String)], Duration?)])
    func httpRetryAfter(fields: [(String, String)], retryAfter: Duration?) throws {
        var head = InboundHeaders()
        var texts = RecentTexts()
        for (name, value) in [(":status", "503")] + fields {
            Array(name.utf8).withUnsafeBufferPointer { name in
                Array(value.utf8).withUnsafeBufferPointer { head.add(name: name, value: $0, limit: 10_000, texts: &texts) }
            }
        }
        let error = try #require(ResponseStatus.complaint(about: head, limits: SessionLimits()))
        #expect(error.code == .unavailable && error.retryAfter == retryAfter && !error.forbidsRetry)
    }

    @Test(
        "S61: a pushback is a wait, or the wish not to come back",
        arguments: [
            ("0", .zero, false), ("250", .milliseconds(250), false), ("-1", nil, true), ("soon", nil, true), ("", nil, true),
            ("99999999999999999999", nil, true), (nil, nil, false),
        ] as [(String?, Duration?, Bool)])
    func pushback(text: String?, retryAfter: Duration?, forbidsRetry: Bool) {
        var error = RPCError(.unavailable, "x")
        error.metadata["grpc-retry-pushback-ms"] = text
        #expect(error.retryAfter == retryAfter && error.forbidsRetry == forbidsRetry)
    }

    @Test("S61: a pushback is written in milliseconds")
    func writtenPushback() {
        #expect(RPCError(.unavailable, "x", retryAfter: .milliseconds(1_500)).metadata["grpc-retry-pushback-ms"] == "1500")
        #expect(RPCError(.unavailable, "x", retryAfter: .milliseconds(-1)).forbidsRetry)
    }
}
