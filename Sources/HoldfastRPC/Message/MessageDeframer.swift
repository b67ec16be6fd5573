/// Cuts a stream's bytes into gRPC's length-prefixed messages: a flag byte, four bytes of length (big-endian), the message.
///
/// A pure value, fed in pieces of any size. It never holds more than one message of at most ``limit`` bytes, and it believes
/// a length only as far as bytes really arrive: a peer that announces 4 MiB and sends nothing costs nothing.
package struct MessageDeframer {
    /// The bytes in front of each message.
    package static let prefixLength = 5

    /// The longest message that is accepted, in bytes.
    package let limit: Int
    /// Whether messages may be compressed: the peer has named an encoding that this side knows.
    package var acceptsCompressed = false

    private var prefix: UInt64 = 0
    private var prefixCount = 0
    private var length = 0
    private var message: [UInt8] = []
    private var isCompressed = false

    /// Makes a deframer at the beginning of a stream.
    package init(limit: Int) {
        self.limit = limit
    }

    /// Whether the bytes so far end inside a message; at the end of a stream that is an error.
    package var isInsideMessage: Bool { prefixCount > 0 }

    /// Takes the next bytes of the stream and calls `deliver` with each message that they complete.
    package mutating func receive(
        _ bytes: UnsafeBufferPointer<UInt8>, deliver: (WireMessage) -> Void
    ) throws(FramingError) {
        var position = 0
        while position < bytes.count {
            if prefixCount < Self.prefixLength {
                prefix = prefix << 8 | UInt64(bytes[position])
                prefixCount += 1
                position += 1
                if prefixCount < Self.prefixLength { continue }
                try readPrefix()
                if length > 0 { continue }
                finish(deliver)
                continue
            }
            let missing = length - message.count
            let piece = min(missing, bytes.count - position)
            let part = UnsafeBufferPointer(rebasing: bytes[position..<position + piece])
            position += piece
            if piece == length {
                message = Array(part)
            } else {
                message.append(contentsOf: part)
            }
            if message.count == length { finish(deliver) }
        }
    }

    private mutating func readPrefix() throws(FramingError) {
        let flag = UInt8(truncatingIfNeeded: prefix >> 32)
        length = Int(prefix & 0xFFFF_FFFF)
        guard flag <= 1 else { throw .unknownFlag(flag) }
        guard flag == 0 || acceptsCompressed else { throw .compressed }
        isCompressed = flag == 1
        guard length <= limit else { throw .tooLong(length: length, limit: limit) }
    }

    private mutating func finish(_ deliver: (WireMessage) -> Void) {
        prefix = 0
        prefixCount = 0
        let complete = WireMessage(message, isCompressed: isCompressed)
        message = []
        deliver(complete)
    }
}
