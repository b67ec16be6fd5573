import Holdfast
import NIOCore
import Testing

@testable import HoldfastRPC

/// What a client of ill will sends, and what must become of it. One row of the table.
struct HostileClient: Sendable, CustomTestStringConvertible {
    /// How the server must end it.
    enum End: Sendable {
        /// The call gets this status; other streams of the connection go on.
        case status(StatusCode, String = "")
        /// The call gets an HTTP status; other streams go on.
        case http(Int)
        /// The stream is reset; other streams go on.
        case reset(HTTP2ErrorCode)
        /// The connection is closed, with this code if the server gets to say one.
        case closed(HTTP2ErrorCode?)
        /// Nothing happens, and other streams go on.
        case ignored
    }

    let name: String
    let bytes: [UInt8]
    let end: End
    /// Whether the bytes begin where the connection does; otherwise behind preface and SETTINGS.
    var isFromStart = false
    var testDescription: String { name }

    init(_ name: String, _ bytes: [UInt8], _ end: End) {
        (self.name, self.bytes, self.end) = (name, bytes, end)
    }

    /// A request with `body`, and the end of the stream.
    init(_ name: String, body: [UInt8], _ end: End) {
        self.init(name, RawFrames.headers(Self.request) + RawFrames.data(body, ends: true), end)
    }

    /// A request with other header fields.
    init(_ name: String, fields: [(String, String)], _ end: End) {
        self.init(name, RawFrames.headers(fields) + RawFrames.data(Self.hello, ends: true), end)
    }

    init(_ name: String, fromStart bytes: [UInt8], _ end: End) {
        self.init(name, bytes, end)
        isFromStart = true
    }

    static let request = request(path: "/fourkinds.FourKinds/Unary")

    static func request(path: String) -> [(String, String)] {
        [
            (":method", "POST"), (":scheme", "http"), (":path", path), (":authority", "test"), ("te", "trailers"),
            ("content-type", "application/grpc"),
        ]
    }

    /// The fields of a request, one of them changed or added; removed when `value` is nil.
    static func request(_ name: String, _ value: String?) -> [(String, String)] {
        var fields = request.filter { $0.0 != name }
        guard let value else { return fields }
        let position = request.firstIndex { $0.0 == name } ?? fields.endIndex
        fields.insert((name, value), at: position)
        return fields
    }

    static let hello = RawFrames.message([10, 1, 65])

    /// What became of it.
    struct Outcome: Sendable {
        var log = FrameLog(passing: [0, 1, 3, 9])
        let victim = SessionStream()
        let probe = SessionStream()
        /// Whether the server closed the connection.
        var isClosed = false
    }

    /// The streams that a row may use; the probe's comes behind them.
    static let lastStream: Int32 = 19

    /// Does it to the server on `port`, and, if the connection is to survive, makes a proper call behind it.
    func attack(port: Int) throws -> Outcome {
        var outcome = Outcome()
        let socket = try LoopbackSocket.connect(port: port)
        // A proper session reads the answers. It believes that it has sent the streams itself.
        let reader = try HTTP2Session(role: .client, limits: SessionLimits())
        var streams: [SessionStream] = []
        for number in stride(from: 1, through: Self.lastStream + 2, by: 2) {
            let stream = number == 1 ? outcome.victim : number > Self.lastStream ? outcome.probe : SessionStream()
            stream.outbound.isFinished = true
            streams.append(stream)
            _ = reader.submitRequest(stream, authority: "", path: "/", timeout: nil, metadata: [:])
        }
        var discarded = ByteBuffer()
        _ = try reader.writeOutput(to: &discarded, limit: .max)

        socket.send(isFromStart ? bytes : RawFrames.preface + RawFrames.settings + bytes)
        if survives {
            let probe = Self.lastStream + 2
            socket.send(RawFrames.headers(Self.request, stream: probe) + RawFrames.data(Self.hello, stream: probe, ends: true))
        } else if isFromStart {
            socket.finish()
        }
        while !isSettled(outcome) {
            let bytes = socket.receive()
            guard !bytes.isEmpty else {
                outcome.isClosed = true
                break
            }
            let passed = outcome.log.receive(bytes)
            try? passed.withUnsafeBytes { try reader.receive($0) }
            _ = reader.takeEvents()
        }
        return outcome
    }

    private var survives: Bool {
        if case .closed = end { false } else { true }
    }

    private func isSettled(_ outcome: Outcome) -> Bool {
        switch end {
        case .closed: false
        case .ignored: !outcome.probe.isOpen
        case .reset: !outcome.probe.isOpen && outcome.log.resets[1] != nil
        case .status, .http: !outcome.probe.isOpen && !outcome.victim.isOpen
        }
    }
}
