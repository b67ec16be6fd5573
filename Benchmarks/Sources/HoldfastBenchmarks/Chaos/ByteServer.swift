import Foundation

/// A server that sends as many bytes as it is asked for: what relays are measured in front of.
///
/// A request is a length of 8 bytes, big endian; the answer has that length.
enum ByteServer {
    static let argument = "serve-bytes"

    /// Prints its port and serves until its input ends.
    static func run() throws {
        let listener = try LoopbackSocket.listening()
        Console.say("\(listener.port)")
        Thread.detachNewThread {
            while let connection = listener.accept() {
                Thread.detachNewThread { serve(connection) }
            }
        }
        while readLine() != nil {}
    }

    private static func serve(_ connection: LoopbackSocket) {
        let chunk = [UInt8](repeating: 0x66, count: 256 * 1024)
        while let request = try? connection.receive(8) {
            var rest = request.reduce(0) { $0 << 8 | Int($1) }
            while rest > 0 {
                guard (try? connection.send(chunk.prefix(rest))) != nil else { return }
                rest -= min(rest, chunk.count)
            }
        }
    }
}
