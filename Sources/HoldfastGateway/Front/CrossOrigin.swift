import NIOHTTP1

/// Which web pages may ask, and what their browsers are told (the Fetch standard's CORS protocol).
struct CrossOrigin: Sendable {
    private static let exposed =
        "Age, Grpc-Status, Holdfast-Fallback, Holdfast-Partial, RateLimit, RateLimit-Policy, Retry-After, X-Request-Id"
    private static let allowedHeaders = "Authorization, Content-Type, Grpc-Timeout, X-API-Key, X-Request-Id, Traceparent, Tracestate"
    private static let preflightSeconds = "600"

    let origins: Gateway.Configuration.Origins

    /// Whether a page of that origin may ask a gateway that it knows as `host`.
    func allows(_ origin: String, host: String?) -> Bool {
        if let host, origin == "http://\(host)" || origin == "https://\(host)" { return true }
        return isAllowedElsewhere(origin)
    }

    private func isAllowedElsewhere(_ origin: String) -> Bool {
        switch origins {
        case .all: true
        case .these(let origins): origins.contains(origin)
        }
    }

    /// What an answer says to the browser of the page that asked.
    func headers(for request: HTTPRequestHead) -> HTTPHeaders {
        var headers = HTTPHeaders()
        guard let origin = request.headers.first(name: "Origin") else { return headers }
        headers.add(name: "Vary", value: "Origin")
        guard isAllowedElsewhere(origin) else { return headers }
        headers.add(name: "Access-Control-Allow-Origin", value: origins == .all ? "*" : origin)
        if origins != .all { headers.add(name: "Access-Control-Allow-Credentials", value: "true") }
        headers.add(name: "Access-Control-Expose-Headers", value: Self.exposed)
        return headers
    }

    /// What the answer says, besides ``headers(for:)``, to a browser that asks whether its page may; nil when the request does not ask that.
    /// - Parameter verbs: what there is at the address.
    func preflight(_ request: HTTPRequestHead, verbs: [String]) throws(HTTPRefusal) -> HTTPHeaders? {
        guard request.method == .OPTIONS else { return nil }
        let allowed = verbs.joined(separator: ", ")
        guard let origin = request.headers.first(name: "Origin"), let verb = request.headers.first(name: "Access-Control-Request-Method")
        else { return ["Allow": allowed + ", OPTIONS"] }
        guard allows(origin, host: request.headers.first(name: "Host")) else {
            throw HTTPRefusal(.forbidden, "pages of another origin may not ask here")
        }
        guard verbs.contains(verb) else { throw HTTPRefusal(.methodNotAllowed, "expected \(allowed)", headers: ["Allow": allowed]) }
        return [
            "Access-Control-Allow-Methods": allowed, "Access-Control-Allow-Headers": Self.allowedHeaders,
            "Access-Control-Max-Age": Self.preflightSeconds,
        ]
    }
}
