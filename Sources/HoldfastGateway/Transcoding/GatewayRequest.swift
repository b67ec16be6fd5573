import Holdfast
import HoldfastRPC
import NIOHTTP1

/// A request as it was understood.
struct GatewayRequest: Sendable {
    var head: HTTPRequestHead
    var id: String
    var route: GatewayRoute
    /// What stands in the address, without what is the gateway's own.
    var query: QueryString
    /// What the service is sent in front of the messages.
    var metadata: Metadata
    /// When the client stops waiting, or the gateway makes it.
    var deadline: Instant?
    /// Who the limits take the client for.
    var clientKey: String
    /// What was asked of the WebSocket that carries the call; nil for one over HTTP.
    var handshake: WebSocketHandshake?

    var isWebSocket: Bool { handshake != nil }
}

extension GatewayRequest {
    private static let passedOn = ["authorization", "traceparent", "tracestate"]
    private static let metadataPrefix = "grpc-metadata-"

    /// What of a request's headers its service is told.
    /// - Parameter token: a bearer token from elsewhere, for requests that cannot set the header.
    static func metadata(_ headers: HTTPHeaders, id: String, address: String, token: String?) -> Metadata {
        var metadata: Metadata = [RequestID.key: id]
        for (name, value) in headers {
            let name = name.lowercased()
            if passedOn.contains(name) {
                metadata.add(value, for: name)
            } else if name.hasPrefix(metadataPrefix) {
                metadata.add(value, for: String(name.dropFirst(metadataPrefix.count)))
            }
        }
        if let token, metadata["authorization"] == nil { metadata["authorization"] = "Bearer \(token)" }
        metadata["x-forwarded-for"] = (headers["X-Forwarded-For"] + [address]).joined(separator: ", ")
        return metadata
    }

    /// The request's own identity if it has a good one, else a new one.
    static func identity(_ headers: HTTPHeaders) -> String {
        let given = headers.first(name: RequestID.key) ?? ""
        let isGood = (1...128).contains(given.utf8.count) && given.utf8.allSatisfy { (0x21...0x7E).contains($0) }
        return isGood ? given : RequestID.make(.system)
    }

    /// The deadline of a request: what it asks for (`Grpc-Timeout: 500m`), but no later than `limit` from now.
    static func deadline(_ headers: HTTPHeaders, limit: Duration?) throws(HTTPRefusal) -> Instant? {
        var timeout = limit
        if let text = headers.first(name: "Grpc-Timeout") {
            guard let asked = TimeoutHeader.decode(text) else {
                throw HTTPRefusal(.badRequest, "Grpc-Timeout is no timeout: expected up to eight digits and one of n, u, m, S, M, H")
            }
            timeout = min(asked, limit ?? asked)
        }
        return timeout.map { TimeSource.system.now().advanced(by: $0) }
    }
}
