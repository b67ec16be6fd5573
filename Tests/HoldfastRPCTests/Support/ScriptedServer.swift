import Dispatch

@testable import HoldfastRPC

/// A server that answers every request with bytes written by hand. Serves one connection at a time, on a thread of its own.
final class ScriptedServer: Sendable {
    let port: Int

    /// - Parameter greeting: sent when a client connects; nil for a proper SETTINGS frame.
    init(greeting: [UInt8]? = nil, answer: [UInt8]) throws {
        let (listener, port) = try LoopbackSocket.listen()
        self.port = port
        DispatchQueue(label: "scripted-server").async {
            while let client = try? listener.accept() {
                client.send(greeting ?? RawFrames.settings)
                guard let session = try? HTTP2Session(role: .server, limits: SessionLimits()) else { return }
                while true {
                    let bytes = client.receive()
                    guard !bytes.isEmpty, (try? bytes.withUnsafeBytes { try session.receive($0) }) != nil else { break }
                    for case .ended in session.takeEvents() { client.send(answer) }
                }
            }
        }
    }
}
