import Holdfast
import NIOHTTP1
import Testing

@testable import HoldfastAdmin

@Suite("Who may ask what of a debug port")
struct AdminGuardTests {
    private static let entry = AdminGuard(token: AdminBench.token, hostNames: ["echo"])
    private static let bearer = ("Authorization", "Bearer \(AdminBench.token.text)")
    private static let json = ("Content-Type", "application/json")

    private static func status(_ method: HTTPMethod, _ headers: [(String, String)]) -> UInt? {
        let head = HTTPRequestHead(version: .http1_1, method: method, uri: "/v1/control", headers: HTTPHeaders(headers))
        return entry.refusal(of: head)?.status.code
    }

    @Test(
        "It answers to IP addresses, localhost and allowed names, and to no other, so that no page can have its own name lead here",
        arguments: [
            ("127.0.0.1:8002", nil), ("127.0.0.1", nil), ("[::1]:8002", nil), ("10.0.0.1:8002", nil), ("localhost:8002", nil),
            ("LocalHost", nil), ("echo:8002", nil), ("evil.example:8002", 403), ("localhost.evil.example", 403),
            ("127.0.0.1.evil.example", 403),
            ("", 400), ("[::1", 400), (":8002", 400),
        ] as [(String, UInt?)])
    func hosts(host: String, status: UInt?) {
        #expect(Self.status(.GET, [("Host", host)]) == status)
    }

    @Test("A request without a host, or with two, is none")
    func hostCount() {
        #expect(Self.status(.GET, []) == 400)
        #expect(Self.status(.GET, [("Host", "127.0.0.1"), ("Host", "evil.example")]) == 400)
    }

    @Test(
        "Pages of others are refused, its own is not",
        arguments: [
            ("http://127.0.0.1:8002", nil), ("https://127.0.0.1:8002", nil), ("http://127.0.0.1:9000", 403), ("http://evil.example", 403),
            ("null", 403), ("", 403),
        ] as [(String, UInt?)])
    func origins(origin: String, status: UInt?) {
        let headers = [("Host", "127.0.0.1:8002"), ("Origin", origin)]
        #expect(Self.status(.GET, headers) == status)
        #expect(Self.status(.POST, headers + [Self.bearer, Self.json]) == status)
    }

    @Test(
        "Changes need the token, once",
        arguments: [
            ([bearer], nil), ([("authorization", "bearer \(AdminBench.token.text)")], nil), ([], 401),
            ([("Authorization", "Bearer ")], 401),
            ([("Authorization", "Bearer a-token-of-16-or-more ")], 401), ([("Authorization", "Bearer a-token-of-16-or-morf")], 401),
            ([("Authorization", AdminBench.token.text)], 401), ([("Authorization", "Basic \(AdminBench.token.text)")], 401),
            ([bearer, bearer], 401), ([("Cookie", "token=\(AdminBench.token.text)")], 401),
        ] as [([(String, String)], UInt?)])
    func tokens(headers: [(String, String)], status: UInt?) {
        for method in [HTTPMethod.POST, .PUT, .DELETE, .PATCH] {
            #expect(Self.status(method, [("Host", "127.0.0.1")] + headers + [Self.json]) == status)
        }
        #expect(Self.status(.GET, [("Host", "127.0.0.1")] + headers) == nil)
    }

    @Test(
        "What a form of a page can send is no change",
        arguments: [
            ("application/json", nil), ("Application/JSON; charset=utf-8", nil), ("text/plain", 415), ("multipart/form-data", 415),
            ("application/x-www-form-urlencoded", 415), ("application/jsonp", 415),
        ] as [(String, UInt?)])
    func types(type: String, status: UInt?) {
        #expect(Self.status(.POST, [("Host", "127.0.0.1"), Self.bearer, ("Content-Type", type)]) == status)
    }

    @Test("Without a token an address is changed by its own page and by programs, and still not by pages of others and forms")
    func withoutToken() {
        let entry = AdminGuard(token: nil)
        func status(_ headers: [(String, String)]) -> UInt? {
            let head = HTTPRequestHead(version: .http1_1, method: .POST, uri: "/v1/demo", headers: HTTPHeaders(headers))
            return entry.refusal(of: head)?.status.code
        }
        let host = ("Host", "127.0.0.1:8000")
        #expect(status([host, Self.json]) == nil && status([host, Self.json, ("Origin", "http://127.0.0.1:8000")]) == nil)
        #expect(status([host, Self.json, ("Origin", "http://evil.example")]) == 403 && status([host]) == 415)
        #expect(status([("Host", "evil.example:8000"), Self.json]) == 403)
    }

    @Test("A random token is a new one each time, and long enough to be taken")
    func random() throws {
        let (first, second) = (AdminToken.random(), AdminToken.random())
        #expect(first.text != second.text && first.matches(first.text) && !first.matches(second.text))
        #expect(try AdminToken(first.text).matches(first.text))
    }

    @Test(
        "A token that is short, long or has spaces is refused, and not repeated",
        arguments: ["", "short", String(repeating: "x", count: 257), "sixteen and more spaces", "sixteen-and-móre"])
    func badTokens(text: String) {
        let error = #expect(throws: ConfigurationError.self) { try AdminToken(text) }
        #expect(error.map { !"\($0)".contains("sixteen") } == true)
    }
}
