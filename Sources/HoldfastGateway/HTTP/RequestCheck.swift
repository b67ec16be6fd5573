import NIOHTTP1

/// What a request's head must be like. What the parser refuses, such as a body with two lengths, does not come here.
enum RequestCheck {
    private static let longestAddress = 8 * 1024
    private static let contentTypes = ["application/json", "application/x-ndjson", "application/jsonl", "application/ndjson"]

    /// What is asked for: the path and the query. Some name the server too, as if it were a proxy (RFC 9112, 3.2.2).
    static func target(_ head: HTTPRequestHead) -> Substring {
        for scheme in ["http://", "https://"] where head.uri.prefix(scheme.count).lowercased() == scheme {
            let rest = head.uri.dropFirst(scheme.count)
            return rest.firstIndex(of: "/").map { rest[$0...] } ?? "/"
        }
        return head.uri[...]
    }

    static func check(_ head: HTTPRequestHead) throws(HTTPRefusal) {
        guard head.uri.utf8.count <= longestAddress else {
            throw HTTPRefusal(.uriTooLong, "the address is longer than \(longestAddress) bytes")
        }
        guard target(head).utf8.first == UInt8(ascii: "/") else {
            throw HTTPRefusal(.badRequest, "the address is no path: expected one that begins with /")
        }
        let hosts = head.headers["Host"]
        if head.version != .http1_0, hosts.count != 1 {
            throw HTTPRefusal(.badRequest, "there are \(hosts.count) Host headers: expected one")
        }
        let codings = head.headers["Transfer-Encoding"]
        guard codings.isEmpty || (codings.count == 1 && codings[0].lowercased() == "chunked" && head.version != .http1_0) else {
            throw HTTPRefusal(.notImplemented, "the only Transfer-Encoding that is understood is chunked, of HTTP/1.1")
        }
        guard codings.isEmpty || !head.headers.contains(name: "Content-Length") else {
            throw HTTPRefusal(.badRequest, "there are both Content-Length and Transfer-Encoding: expected one of them")
        }
        if let coding = head.headers.first(name: "Content-Encoding"), coding.lowercased() != "identity" {
            throw HTTPRefusal(.unsupportedMediaType, "the body is encoded: expected it as it is", headers: ["Accept-Encoding": "identity"])
        }
        if let expectation = head.headers.first(name: "Expect"), expectation.lowercased() != "100-continue" {
            throw HTTPRefusal(.expectationFailed, "the only Expect that is understood is 100-continue")
        }
    }

    /// Refuses a body that does not say it is JSON: a web page may send any other without asking first.
    static func checkContentType(_ head: HTTPRequestHead) throws(HTTPRefusal) {
        let given = head.headers["Content-Type"]
        guard !given.isEmpty || hasBody(head) else { return }
        let type = given.first?.prefix { $0 != ";" }.trimmed.lowercased() ?? ""
        guard given.count == 1, contentTypes.contains(type) else {
            throw HTTPRefusal(
                .unsupportedMediaType, "the body is not said to be JSON: expected Content-Type: application/json or application/x-ndjson",
                headers: ["Accept-Post": "application/json, application/x-ndjson"])
        }
    }

    static func hasBody(_ head: HTTPRequestHead) -> Bool {
        head.headers.contains(name: "Transfer-Encoding") || (contentLength(head) ?? 0) > 0
    }

    static func contentLength(_ head: HTTPRequestHead) -> Int? {
        head.headers.first(name: "Content-Length").flatMap { Int($0) }
    }
}

extension Substring {
    /// Without spaces around it.
    var trimmed: Substring {
        var rest = self
        while rest.first == " " || rest.first == "\t" { rest.removeFirst() }
        while rest.last == " " || rest.last == "\t" { rest.removeLast() }
        return rest
    }
}
