import NIOCore

@testable import HoldfastRPC

/// A client's and a server's session joined in memory.
final class SessionPair {
    let client: HTTP2Session
    let server: HTTP2Session
    var clientEvents: [SessionEvent] = []
    var serverEvents: [SessionEvent] = []
    /// How many bytes the client has sent.
    private(set) var clientBytes = 0

    init(
        server limits: SessionLimits = SessionLimits(), makeStream: @escaping () -> SessionStream = { SessionStream() }
    ) throws {
        client = try HTTP2Session(role: .client, limits: SessionLimits())
        server = try HTTP2Session(role: .server, limits: limits, makeStream: makeStream)
        try exchange()
    }

    /// Carries bytes to and fro until both sides are silent. Streams give their windows back as they say.
    func exchange() throws {
        var isQuiet = false
        while !isQuiet {
            let out = try output(of: client)
            clientBytes += out.count
            try feed(server, out)
            serverEvents += server.takeEvents()
            server.returnWindows()
            let back = try output(of: server)
            try feed(client, back)
            clientEvents += client.takeEvents()
            client.returnWindows()
            isQuiet = out.isEmpty && back.isEmpty
        }
    }

    func output(of session: HTTP2Session) throws -> [UInt8] {
        var buffer = ByteBuffer()
        _ = try session.writeOutput(to: &buffer, limit: .max)
        return Array(buffer.readableBytesView)
    }

    func feed(_ session: HTTP2Session, _ bytes: [UInt8]) throws {
        try bytes.withUnsafeBytes { try session.receive($0) }
    }

    @discardableResult
    func request(_ messages: [[UInt8]], finished: Bool = true, metadata: Metadata = [:]) -> SessionStream {
        let stream = SessionStream()
        for message in messages { stream.outbound.append(message) }
        stream.outbound.isFinished = finished
        _ = client.submitRequest(stream, authority: "test", path: "/a.B/C", timeout: 1_000_000, metadata: metadata)
        return stream
    }

    /// The server's side of the last request.
    var lastRequest: SessionStream? {
        serverEvents.compactMap { if case .head(let stream) = $0 { stream } else { nil } }.last
    }
}

extension HTTP2Session {
    func takeEvents() -> [SessionEvent] {
        defer { events = [] }
        return events
    }
}

extension SessionEvent {
    /// The event without its stream, to compare.
    var summary: String {
        switch self {
        case .head: "head"
        case .message(_, let bytes): "message(\(bytes.count))"
        case .malformed(_, let error): "malformed(\(error))"
        case .ended: "ended"
        case .sentLast: "sentLast"
        case .drained: "drained"
        case .closed(_, let code): "closed(\(HTTP2ErrorCode(rawValue: code)))"
        case .settings: "settings"
        case .ping: "ping"
        case .pong: "pong"
        case .goAway: "goAway"
        }
    }
}

extension OutboundMessages {
    mutating func append(_ bytes: [UInt8]) {
        append(WireMessage(bytes))
    }
}
