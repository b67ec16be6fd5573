import Holdfast
import NIOCore
import SwiftProtobuf

@testable import HoldfastRPC

/// A client whose streams have small windows, which it gives back only when it is told to. Used by one thread.
struct SlowReader {
    /// The window of a stream, in bytes.
    static let window = 1_024

    let session: HTTP2Session
    private let socket: LoopbackSocket

    init(port: Int) throws {
        socket = try LoopbackSocket.connect(port: port)
        var limits = SessionLimits()
        limits.flowControl = try FlowControl(streamWindow: Self.window)
        session = try HTTP2Session(role: .client, limits: limits)
    }

    /// Begins a call; without a text it says nothing yet.
    func open(_ path: String, _ text: String?, timeout: Duration? = nil) throws -> SessionStream {
        let stream = SessionStream()
        if let text { try say(text, on: stream) }
        _ = session.submitRequest(stream, authority: "test", path: path, timeout: timeout?.nanoseconds, metadata: [:])
        return stream
    }

    /// Says one message, and that it was the last.
    func say(_ text: String, on stream: SessionStream) throws {
        let bytes: [UInt8] = try Fourkinds_Text(text).serializedBytes()
        stream.outbound.append(bytes)
        stream.outbound.isFinished = true
        session.resume(stream)
    }

    /// Sends what there is to say, and reads once.
    /// - Returns: what came of it; nil at the end of the connection.
    func exchange() throws -> [SessionEvent]? {
        var buffer = ByteBuffer()
        _ = try session.writeOutput(to: &buffer, limit: .max)
        socket.send(Array(buffer.readableBytesView))
        let bytes = socket.receive()
        guard !bytes.isEmpty else { return nil }
        try bytes.withUnsafeBytes { try session.receive($0) }
        return session.takeEvents()
    }

    /// How `stream` is closed; nil when that is not heard.
    func end(of stream: SessionStream) throws -> HTTP2ErrorCode? {
        while let events = try exchange() {
            for case .closed(let closed, let code) in events where closed === stream { return HTTP2ErrorCode(rawValue: code) }
        }
        return nil
    }
}
