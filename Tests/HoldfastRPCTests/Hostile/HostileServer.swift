import Dispatch
import Holdfast
import Testing

@testable import HoldfastRPC

/// What a server of ill will answers, and what must become of it. One row of the table.
struct HostileServer: Sendable, CustomTestStringConvertible {
    /// What becomes of the connection, and with it of the other calls on it.
    enum Connection: Sendable {
        case survives
        case breaks
        /// Both are right.
        case either
    }

    let name: String
    /// The answer to the call on a stream.
    let answer: @Sendable (Int32) -> [UInt8]
    /// How the call must end; nil for the message "A".
    let code: StatusCode?
    let message: String
    let connection: Connection
    var testDescription: String { name }

    init(
        _ name: String, _ code: StatusCode?, _ message: String = "", connection: Connection = .survives,
        answer: @escaping @Sendable (Int32) -> [UInt8]
    ) {
        (self.name, self.code, self.message, self.connection, self.answer) = (name, code, message, connection, answer)
    }

    /// An answer of one header block.
    init(_ name: String, fields: [(String, String)], _ code: StatusCode?, _ message: String = "") {
        self.init(name, code, message) { RawFrames.headers(fields, stream: $0, ends: true) }
    }

    /// Proper headers, then `body`, then a proper status.
    init(_ name: String, body: [UInt8], _ code: StatusCode?, _ message: String = "") {
        self.init(name, code, message) { Self.open($0) + RawFrames.data(body, stream: $0) + Self.status($0) }
    }

    static let head = [(":status", "200"), ("content-type", "application/grpc")]
    static let hello = RawFrames.message([10, 1, 65])

    static func open(_ stream: Int32) -> [UInt8] {
        RawFrames.headers(head, stream: stream)
    }

    static func status(_ stream: Int32, _ fields: [(String, String)] = [("grpc-status", "0")]) -> [UInt8] {
        RawFrames.headers(fields, stream: stream, ends: true)
    }

    static func good(_ stream: Int32) -> [UInt8] {
        open(stream) + RawFrames.data(hello, stream: stream) + status(stream)
    }

    /// Serves on a free port: calls of `Unary` get the row's answer, all others a good one.
    func serve() throws -> (listener: LoopbackSocket, port: Int, connections: Counter) {
        let (listener, port) = try LoopbackSocket.listen()
        let connections = Counter()
        DispatchQueue(label: "hostile-server").async {
            while let client = try? listener.accept() {
                connections.add()
                DispatchQueue(label: "hostile-connection").async { converse(client) }
            }
        }
        return (listener, port, connections)
    }

    private func converse(_ client: LoopbackSocket) {
        client.send(RawFrames.settings)
        guard let session = try? HTTP2Session(role: .server, limits: SessionLimits()) else { return }
        var preface = RawFrames.preface.count
        var log = FrameLog(passing: [0, 1, 9])
        while true {
            let bytes = client.receive()
            // Of what the client says about the frames written by hand, the session would not know what to make.
            let start = min(preface, bytes.count)
            preface -= start
            let passed = Array(bytes.prefix(start)) + log.receive(Array(bytes.dropFirst(start)))
            guard !bytes.isEmpty, (try? passed.withUnsafeBytes { try session.receive($0) }) != nil else { return }
            for case .ended(let stream) in session.takeEvents() {
                client.send(stream.head.path.hasSuffix("/Unary") ? answer(stream.id) : Self.good(stream.id))
            }
        }
    }
}

/// Counts, from any thread.
final class Counter: Sendable {
    private let value = Locked(0)

    var count: Int { value.withLock { $0 } }

    @discardableResult
    func add(_ number: Int = 1) -> Int {
        value.withLock { value in
            value += number
            return value
        }
    }
}
