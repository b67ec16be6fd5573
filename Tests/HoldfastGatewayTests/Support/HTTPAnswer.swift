import Foundation
import Testing

/// An answer as it stands on the wire.
struct HTTPAnswer {
    var status: Int
    var headers: [String: String] = [:]
    var body: String

    init(_ text: String) throws {
        let parts = text.split(separator: "\r\n\r\n", maxSplits: 1, omittingEmptySubsequences: false)
        let lines = parts[0].split(separator: "\r\n")
        status = try #require(lines.first?.split(separator: " ").dropFirst().first.flatMap { Int($0) }, "no answer: \(text)")
        for line in lines.dropFirst() {
            let pair = line.split(separator: ":", maxSplits: 1)
            headers[pair[0].lowercased()] = pair[1].trimmingCharacters(in: .whitespaces)
        }
        body = parts.count > 1 ? String(parts[1]) : ""
    }

    /// The body as a JSON object.
    var json: [String: Any] {
        get throws { try #require(JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any], "\(body)") }
    }

    /// What the answer says of its error under that name.
    func error(_ name: String) -> String? {
        ((try? json)?["error"] as? [String: Any])?[name] as? String
    }
}

extension RawClient {
    /// Makes one request on a connection of its own.
    static func ask(_ port: Int, _ line: String, _ headers: [String] = [], body: String? = nil) async throws -> HTTPAnswer {
        let client = try await connect(port: port)
        try await client.send(request(line, headers + ["Connection: close"], body: body))
        return try HTTPAnswer(await client.textToEnd())
    }

    static func request(_ line: String, _ headers: [String] = [], body: String? = nil) -> String {
        var lines = ["\(line) HTTP/1.1", "Host: gateway"] + headers
        if let body { lines += ["Content-Type: application/json", "Content-Length: \(body.utf8.count)"] }
        return lines.joined(separator: "\r\n") + "\r\n\r\n" + (body ?? "")
    }

    /// Opens a WebSocket; the answer is not 101 if the gateway refuses.
    static func webSocket(_ port: Int, _ path: String, _ headers: [String] = []) async throws -> (client: RawClient, answer: HTTPAnswer) {
        let client = try await connect(port: port)
        try await client.send(
            request(
                "GET \(path)",
                headers + [
                    "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13",
                    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
                ]))
        return (client, try HTTPAnswer(await client.head()))
    }

    /// Sends a text frame, masked with zeros.
    func sendFrame(_ text: String) async throws {
        precondition(text.utf8.count < 126)
        try await send([0x81, 0x80 | UInt8(text.utf8.count), 0, 0, 0, 0] + Array(text.utf8))
    }
}
