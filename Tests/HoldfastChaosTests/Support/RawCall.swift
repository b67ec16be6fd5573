import Foundation

/// One call over a socket without any client between: all that the server sends, byte for byte.
enum RawCall {
    private struct Failure: Error {
        let what: String
    }

    /// Calls `path` with one message and reads to the end of its stream.
    ///
    /// Blocks its thread.
    static func bytes(port: Int, path: String, message: [UInt8]) throws -> [UInt8] {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let isConnected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard isConnected else { throw Failure(what: "no connection") }
        var limit = timeval(tv_sec: 60, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))

        let fields = [
            (":method", "POST"), (":scheme", "http"), (":path", path), (":authority", "localhost"), ("te", "trailers"),
            ("content-type", "application/grpc"),
        ]
        // Literals without indexing (RFC 7541, 6.2.2), so that no table and no Huffman code is needed.
        var block: [UInt8] = []
        for (name, value) in fields {
            block += [0, UInt8(name.utf8.count)] + Array(name.utf8)
            block += [UInt8(value.utf8.count)] + Array(value.utf8)
        }
        let framed: [UInt8] = [0, 0, 0, 0, UInt8(message.count)] + message
        let request =
            Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + frame(type: 4, flags: 0, stream: 0, [])
            + frame(type: 1, flags: 4, stream: 1, block) + frame(type: 0, flags: 1, stream: 1, framed)
        guard request.withUnsafeBytes({ send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }) == request.count else {
            throw Failure(what: "the request could not be sent")
        }
        var received: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while !endsStream(received) {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { throw Failure(what: "the answer ended after \(received.count) bytes") }
            received += buffer[..<count]
        }
        return frames(received).filter { $0.stream == 1 }.reduce(into: []) { $0 += [$1.type, $1.flags] + $1.payload }
    }

    private static func frame(type: UInt8, flags: UInt8, stream: UInt8, _ payload: [UInt8]) -> [UInt8] {
        [0, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF), type, flags, 0, 0, 0, stream] + payload
    }

    private static func frames(_ bytes: [UInt8]) -> [(type: UInt8, flags: UInt8, stream: UInt8, payload: [UInt8])] {
        var frames: [(type: UInt8, flags: UInt8, stream: UInt8, payload: [UInt8])] = []
        var start = 0
        while start + 9 <= bytes.count {
            let length = Int(bytes[start]) << 16 | Int(bytes[start + 1]) << 8 | Int(bytes[start + 2])
            guard start + 9 + length <= bytes.count else { break }
            frames.append((bytes[start + 3], bytes[start + 4], bytes[start + 8], Array(bytes[(start + 9)..<(start + 9 + length)])))
            start += 9 + length
        }
        return frames
    }

    private static func endsStream(_ bytes: [UInt8]) -> Bool {
        frames(bytes).contains { $0.stream == 1 && ($0.type == 3 || $0.type <= 1 && $0.flags & 1 != 0) }
    }
}
