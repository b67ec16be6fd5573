import Holdfast
import HoldfastAdmin
import HoldfastPolicyFiles
import NIOHTTP1
import NIOWebSocket

/// The client's side of a call over a WebSocket: a message in a frame each.
final class WebSocketClient: ClientEnd {
    private struct State {
        var socket: WebSocketConnection.Link?
        var told = ClientStory()
    }

    private let link: HTTPConnection.Link
    private let state = Locked(State())

    private let subprotocol: String?

    init(_ link: HTTPConnection.Link, _ handshake: WebSocketHandshake) {
        self.link = link
        subprotocol = handshake.subprotocol
    }

    var told: ClientStory { state.withLock { $0.told } }

    func open(_ notes: [(String, String)]) async throws {
        var headers = HTTPHeaders(notes)
        if let subprotocol { headers.add(name: "Sec-WebSocket-Protocol", value: subprotocol) }
        let socket = try await link.ask { [headers] in $0.upgrade(headers) }
        state.withLock { state in
            state.socket = socket
            state.told.status = 101
        }
    }

    func send(_ answer: GatewayAnswer) async throws {
        guard let socket = state.withLock({ $0.socket }) else { throw CancellationError() }
        try await socket.send(answer.json)
        state.withLock { state in
            state.told.answers += 1
            state.told.fallback = answer.fallbackStep ?? state.told.fallback
        }
    }

    func show(_ answer: AdminAnswer) async throws {
        preconditionFailure("no WebSocket leads to the program's own routes")
    }

    func finish() async throws {
        await close(.normalClosure, "")
    }

    func fail(_ error: ErrorAnswer, _ notes: [(String, String)]) async {
        guard let socket = state.withLock({ $0.socket }) else {
            let client = HTTPClient(link, isStream: false)
            await client.fail(error, notes)
            return state.withLock { $0.told = client.told }
        }
        // The code says too little for most; who is gone gets neither.
        try? await socket.send(Array(error.json.text.utf8))
        await close(error.isShutdown ? .goingAway : WebSocketErrorCode(error.code), error.message)
    }

    private func close(_ code: WebSocketErrorCode, _ reason: String) async {
        guard let socket = state.withLock({ $0.socket }), let sent = await socket.close(code, reason) else { return }
        state.withLock { $0.told.closeCode = Int(UInt16(webSocketErrorCode: sent)) }
    }
}
