import Holdfast
import HoldfastAdmin
import HoldfastPolicyFiles
import NIOHTTP1

/// The client's side of a call over HTTP: a message on a line each for a stream, else one JSON object.
final class HTTPClient: ClientEnd {
    private struct State {
        var notes: [(String, String)] = []
        var told = ClientStory()
    }

    private let link: HTTPConnection.Link
    private let isStream: Bool
    private let state = Locked(State())

    init(_ link: HTTPConnection.Link, isStream: Bool) {
        self.link = link
        self.isStream = isStream
    }

    var told: ClientStory { state.withLock { $0.told } }

    func open(_ notes: [(String, String)]) async throws {
        state.withLock { $0.notes = notes }
    }

    func send(_ answer: GatewayAnswer) async throws {
        let headers = headers(answer)
        let isFirst = state.withLock { state in
            state.told.fallback = answer.fallbackStep ?? state.told.fallback
            return state.told.status == 0
        }
        let line = answer.json + [UInt8(ascii: "\n")]
        if isStream {
            // The status is not said before there is an answer, so that a failure without any has its own.
            try await link.ask { connection in
                if isFirst { connection.begin(.ok, headers) }
                return connection.write(line)
            }
        } else {
            try await link.ask { $0.respond(.ok, headers, line) }
        }
        state.withLock { state in
            state.told.status = 200
            state.told.answers += 1
        }
    }

    func show(_ answer: AdminAnswer) async throws {
        var headers = answer.headers
        headers.add(contentsOf: HTTPHeaders(state.withLock { $0.notes }))
        headers.add(name: "Cache-Control", value: "no-store")
        headers.add(name: "X-Content-Type-Options", value: "nosniff")
        try await link.ask { [headers] in $0.respond(answer.status, headers, answer.body) }
        state.withLock { state in
            state.told.status = Int(answer.status.code)
            state.told.answers += 1
        }
    }

    func finish() async throws {
        guard isStream else { return }
        let isFirst = told.status == 0
        let headers = headers(GatewayAnswer(json: []))
        try await link.ask { connection in
            if isFirst { connection.begin(.ok, headers) }
            return connection.end()
        }
        state.withLock { $0.told.status = 200 }
    }

    func fail(_ error: ErrorAnswer, _ notes: [(String, String)]) async {
        let line = Array((error.json.text + "\n").utf8)
        if told.status == 0 {
            var headers = HTTPHeaders(notes)
            headers.add(contentsOf: error.responseHeaders)
            headers.add(name: "Content-Type", value: "application/json")
            if (try? await link.ask { [headers] in $0.respond(error.status, headers, line) }) != nil {
                state.withLock { $0.told.status = Int(error.status.code) }
            }
        } else if isStream {
            _ = try? await link.ask { connection in
                _ = connection.write(line)
                return connection.end()
            }
        }
    }

    private func headers(_ answer: GatewayAnswer) -> HTTPHeaders {
        var headers = HTTPHeaders(state.withLock { $0.notes })
        headers.add(name: "Content-Type", value: isStream ? "application/x-ndjson" : "application/json")
        headers.add(name: "X-Content-Type-Options", value: "nosniff")
        for (key, value) in answer.metadata { headers.add(name: "Grpc-Metadata-\(key)", value: value) }
        if let step = answer.fallbackStep { headers.add(name: "Holdfast-Fallback", value: step) }
        if !answer.failedParts.isEmpty { headers.add(name: "Holdfast-Partial", value: answer.failedParts.joined(separator: ", ")) }
        if answer.fallbackStep != nil || !answer.failedParts.isEmpty { headers.add(name: "Cache-Control", value: "no-store") }
        return headers
    }
}
