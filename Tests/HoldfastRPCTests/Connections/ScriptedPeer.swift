import Dispatch
import Holdfast
import SwiftProtobuf

@testable import HoldfastRPC

/// A server of raw frames: each connection is served by a script, on a thread of its own.
final class ScriptedPeer: Sendable {
    let port: Int
    private let state = Locked((accepted: 0, served: [String]()))

    /// - Parameter script: is given the connection and its number, from 1; the socket is closed when it returns.
    init(settings: [(id: UInt8, value: UInt32)] = [], _ script: @escaping @Sendable (PeerConnection, Int) -> Void) throws {
        let (listener, port) = try LoopbackSocket.listen()
        self.port = port
        DispatchQueue(label: "scripted-peer").async { [weak self] in
            while self != nil {
                // Accepting gives up after a while, as reading does.
                guard let socket = try? listener.accept() else { continue }
                guard let number = self?.accept() else { return }
                DispatchQueue(label: "scripted-peer-connection").async { [weak self] in
                    let connection = PeerConnection(socket) { text in self?.serve(text) }
                    connection.sendSettings(settings)
                    script(connection, number)
                }
            }
        }
    }

    private func accept() -> Int {
        state.withLock { state in
            state.accepted += 1
            return state.accepted
        }
    }

    private func serve(_ text: String) {
        state.withLock { $0.served.append(text) }
    }

    /// How many connections were made.
    var accepted: Int { state.withLock { $0.accepted } }
    /// The texts of the requests that were answered, in order.
    var served: [String] { state.withLock { $0.served } }
}

/// One connection of a scripted peer. Used by one thread.
final class PeerConnection {
    struct Frame {
        var type: UInt8
        var flags: UInt8
        var stream: UInt32
        var payload: ArraySlice<UInt8>
    }

    struct Request {
        let stream: UInt32
        /// The texts of its messages.
        let texts: [String]
        var text: String { texts.first ?? "" }
    }

    private let socket: LoopbackSocket
    private let onServe: (String) -> Void
    private var bytes: ArraySlice<UInt8> = []
    private var hasPreface = false
    private var partial: [UInt32: [UInt8]] = [:]

    init(_ socket: LoopbackSocket, onServe: @escaping (String) -> Void) {
        self.socket = socket
        self.onServe = onServe
    }

    /// The next frame; nil at the end of the connection.
    func frame() -> Frame? {
        if !hasPreface {
            guard fill(24) else { return nil }
            bytes = bytes.dropFirst(24)
            hasPreface = true
        }
        guard fill(9) else { return nil }
        let head = Array(bytes.prefix(9))
        let length = Int(head[0]) << 16 | Int(head[1]) << 8 | Int(head[2])
        guard fill(9 + length) else { return nil }
        defer { bytes = bytes.dropFirst(9 + length) }
        return Frame(
            type: head[3], flags: head[4], stream: head[5..<9].reduce(0) { $0 << 8 | UInt32($1) },
            payload: bytes.dropFirst(9).prefix(length))
    }

    private func fill(_ count: Int) -> Bool {
        while bytes.count < count {
            let more = socket.receive()
            guard !more.isEmpty else { return false }
            bytes = ArraySlice(Array(bytes) + more)
        }
        return true
    }

    /// The next complete request; nil at the end of the connection.
    func request() -> Request? {
        while let frame = frame() {
            guard frame.type == 0 else { continue }
            partial[frame.stream, default: []] += frame.payload
            guard frame.flags & 1 == 1 else { continue }
            return Request(stream: frame.stream, texts: Self.texts(partial.removeValue(forKey: frame.stream) ?? []))
        }
        return nil
    }

    /// The stream of the next request, when its headers have come; nil at the end of the connection.
    func requestHead() -> UInt32? {
        while let frame = frame() {
            if frame.type == 1 { return frame.stream }
        }
        return nil
    }

    /// Reads until the client closes the connection.
    func drain() {
        while frame() != nil {}
    }

    private static func texts(_ bytes: [UInt8]) -> [String] {
        var rest = bytes[...]
        var texts: [String] = []
        while rest.count >= 5 {
            let length = rest.dropFirst().prefix(4).reduce(0) { $0 << 8 | Int($1) }
            let message = Array(rest.dropFirst(5).prefix(length))
            texts.append((try? FourKinds.Text(serializedBytes: message))?.text ?? "no message")
            rest = rest.dropFirst(5 + length)
        }
        return texts
    }

    /// Answers with the request's own text, in capitals.
    func answer(_ request: Request) {
        onServe(request.text)
        let message = (try? FourKinds.Text(request.texts.joined(separator: " ").uppercased()).serializedBytes() as [UInt8]) ?? []
        let length = (0..<4).map { UInt8(truncatingIfNeeded: message.count >> (24 - 8 * $0)) }
        let stream = Int32(request.stream)
        send(
            RawFrames.headers([(":status", "200"), ("content-type", "application/grpc")], stream: stream)
                + RawFrames.data([0] + length + message, stream: stream)
                + RawFrames.headers([("grpc-status", "0")], stream: stream, ends: true))
    }

    func refuse(_ stream: UInt32) {
        send(RawFrames.reset(7, stream: Int32(stream)))
    }

    func sendSettings(_ settings: [(id: UInt8, value: UInt32)]) {
        let payload = settings.reduce(into: [UInt8]()) { $0 += [0, $1.id] + Self.bigEndian($1.value) }
        send([0, 0, UInt8(payload.count), 4, 0, 0, 0, 0, 0] + payload)
    }

    func goAway(lastStream: UInt32, code: UInt32 = 0, reason: String = "") {
        let payload = Self.bigEndian(lastStream) + Self.bigEndian(code) + Array(reason.utf8)
        send([0, 0, UInt8(payload.count), 7, 0, 0, 0, 0, 0] + payload)
    }

    func send(_ bytes: [UInt8]) {
        socket.send(bytes)
    }

    private static func bigEndian(_ value: UInt32) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) }
    }
}
