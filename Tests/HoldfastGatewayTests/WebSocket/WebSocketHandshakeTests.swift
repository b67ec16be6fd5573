import NIOHTTP1
import Testing

@testable import HoldfastGateway

@Suite("Requests for a WebSocket")
struct WebSocketHandshakeTests {
    private static let good: HTTPHeaders = [
        "Host": "gateway", "Upgrade": "websocket", "Connection": "keep-alive, Upgrade", "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    ]

    private static func read(_ changes: [(String, String?)], _ method: HTTPMethod = .GET) throws -> WebSocketHandshake? {
        var headers = good
        for (name, value) in changes {
            if let value { headers.replaceOrAdd(name: name, value: value) } else { headers.remove(name: name) }
        }
        return try WebSocketHandshake(
            HTTPRequestHead(version: .http1_1, method: method, uri: "/v1/echo", headers: headers), tokenCookie: "token")
    }

    @Test(
        "The token stands behind Bearer, or in the cookie",
        arguments: [
            ([("Sec-WebSocket-Protocol", "Bearer, secret")], "secret", "Bearer"),
            ([("Sec-WebSocket-Protocol", "bearer,secret"), ("Cookie", "token=other")], "secret", "bearer"),
            ([("Cookie", "a=b; token=secret; c=d")], "secret", nil),
            ([("Cookie", "nottoken=secret; token=")], nil, nil),
            ([("Sec-WebSocket-Protocol", "chat, superchat")], nil, nil),
            ([], nil, nil),
        ] as [([(String, String?)], String?, String?)])
    func token(changes: [(String, String?)], token: String?, subprotocol: String?) throws {
        let handshake = try Self.read(changes)
        #expect(handshake?.token == token && handshake?.subprotocol == subprotocol)
    }

    @Test("Who asks for nothing gets nothing", arguments: [nil, "h2c"])
    func none(upgrade: String?) throws {
        #expect(try Self.read([("Upgrade", upgrade)]) == nil)
    }

    @Test(
        "A request that is wrong is refused",
        arguments: [
            ([("Connection", "keep-alive")], 400), ([("Sec-WebSocket-Version", "8")], 426), ([("Sec-WebSocket-Key", nil)], 400),
            ([("Sec-WebSocket-Key", "short")], 400), ([("Sec-WebSocket-Protocol", "Bearer")], 400), ([("Content-Length", "5")], 400),
        ] as [([(String, String?)], UInt)])
    func refused(changes: [(String, String?)], status: UInt) {
        let refusal = #expect(throws: HTTPRefusal.self) { try Self.read(changes) }
        #expect(refusal?.status.code == status)
    }
}
