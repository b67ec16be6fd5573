import NIOHTTP1

/// A request that asks for a WebSocket (RFC 6455, 4.2.1).
struct WebSocketHandshake: Sendable, Equatable {
    /// What calls carry as a bearer token; nil for none.
    var token: String?
    /// The subprotocol that is agreed to.
    var subprotocol: String?

    /// Reads a request's head; nil when it asks for no WebSocket.
    ///
    /// A browser can set neither `Authorization` nor any other header here. So the token stands among the subprotocols, behind `Bearer`,
    /// as grpc-websocket-proxy has it (`new WebSocket(url, ["Bearer", token])`), or in a cookie.
    init?(_ head: HTTPRequestHead, tokenCookie: String) throws(HTTPRefusal) {
        guard head.headers[canonicalForm: "Upgrade"].contains(where: { $0.lowercased() == "websocket" }) else { return nil }
        guard head.method == .GET, head.version != .http1_0, !RequestCheck.hasBody(head) else {
            throw HTTPRefusal(.badRequest, "a WebSocket begins with a GET of HTTP/1.1 without a body")
        }
        guard head.headers[canonicalForm: "Connection"].contains(where: { $0.lowercased() == "upgrade" }) else {
            throw HTTPRefusal(.badRequest, "a WebSocket begins with Connection: Upgrade")
        }
        guard head.headers["Sec-WebSocket-Version"] == ["13"] else {
            throw HTTPRefusal(
                .upgradeRequired, "the only version of WebSocket that is understood is 13",
                headers: ["Sec-WebSocket-Version": "13", "Upgrade": "websocket"])
        }
        let keys = head.headers["Sec-WebSocket-Key"]
        guard keys.count == 1, keys[0].utf8.count == 24, keys[0].hasSuffix("==") else {
            throw HTTPRefusal(.badRequest, "Sec-WebSocket-Key is no key: expected 16 bytes in Base64")
        }
        let offered = head.headers[canonicalForm: "Sec-WebSocket-Protocol"]
        if let first = offered.first, first.lowercased() == "bearer" {
            guard offered.count == 2, !offered[1].isEmpty else {
                throw HTTPRefusal(.badRequest, "Sec-WebSocket-Protocol has no token behind Bearer: expected Bearer, TOKEN")
            }
            subprotocol = String(first)
            token = String(offered[1])
        } else {
            token = Self.cookie(tokenCookie, head.headers)
        }
    }

    private static func cookie(_ name: String, _ headers: HTTPHeaders) -> String? {
        for header in headers["Cookie"] {
            for pair in header.split(separator: ";") {
                let parts = pair.trimmed.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                if parts.count == 2, parts[0] == name, !parts[1].isEmpty { return String(parts[1]) }
            }
        }
        return nil
    }
}
