import NIOCore

@testable import HoldfastRPC

/// A client that sends frames written by hand, and says only what it is told to.
struct RawClient {
    static let request = RawFrames.headers([
        (":method", "POST"), (":scheme", "http"), (":path", "/fourkinds.FourKinds/Unary"), (":authority", "test"),
        ("te", "trailers"), ("content-type", "application/grpc"),
    ])
    static let ping: [UInt8] = [0, 0, 8, 6, 0, 0, 0, 0, 0] + Array(repeating: 1, count: 8)

    let socket: LoopbackSocket

    init(port: Int, _ frames: [UInt8] = RawFrames.preface + RawFrames.settings) throws {
        socket = try LoopbackSocket.connect(port: port)
        socket.send(frames)
    }

    /// All that the server says until it closes the connection.
    func rest() -> [UInt8] {
        var all: [UInt8] = []
        while true {
            let bytes = socket.receive()
            guard !bytes.isEmpty else { return all }
            all += bytes
        }
    }

    /// The error code and the reason of every GOAWAY in `bytes`.
    static func goAways(in bytes: [UInt8]) -> [(lastStream: Int, code: Int, reason: String)] {
        var frames: [(Int, Int, String)] = []
        var rest = bytes[...]
        while rest.count >= 9 {
            let head = Array(rest.prefix(9))
            let length = number(head[0..<3])
            let payload = Array(rest.dropFirst(9).prefix(length))
            rest = rest.dropFirst(9 + length)
            guard head[3] == 7, payload.count >= 8 else { continue }
            frames.append((number(payload[0..<4]), number(payload[4..<8]), String(decoding: payload[8...], as: UTF8.self)))
        }
        return frames
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> Int {
        bytes.reduce(0) { $0 << 8 | Int($1) }
    }

    /// The answer to a request on stream 1.
    func answer() throws -> SessionStream {
        let session = try HTTP2Session(role: .client, limits: SessionLimits())
        let stream = SessionStream()
        stream.outbound.isFinished = true
        // The session believes that it has sent stream 1 itself.
        _ = session.submitRequest(stream, authority: "", path: "/", timeout: nil, metadata: [:])
        var discarded = ByteBuffer()
        _ = try session.writeOutput(to: &discarded, limit: .max)
        while stream.isOpen {
            let bytes = socket.receive()
            guard !bytes.isEmpty else { break }
            try bytes.withUnsafeBytes { try session.receive($0) }
            _ = session.takeEvents()
        }
        return stream
    }
}
