import DequeModule

/// The messages of one stream that wait to be sent, framed on the way out.
struct OutboundMessages {
    /// What a read left behind.
    enum Progress {
        /// More bytes wait.
        case more
        /// Nothing waits, and more messages may come.
        case empty
        /// Nothing waits, and nothing will come.
        case finished
    }

    private var first: WireMessage?
    private var rest: Deque<WireMessage> = []
    /// Bytes of the first message that are gone, its prefix included.
    private var offset = 0
    /// Whether the last message has been added.
    var isFinished = false

    var isEmpty: Bool { first == nil }

    mutating func append(_ message: WireMessage) {
        if first == nil {
            first = message
        } else {
            rest.append(message)
        }
    }

    /// Forgets what has not been sent.
    mutating func removeAll() {
        first = nil
        rest = []
        offset = 0
    }

    /// Fills `buffer` with the next bytes.
    mutating func read(into buffer: UnsafeMutableBufferPointer<UInt8>) -> (count: Int, progress: Progress) {
        var written = 0
        while let message = first {
            while offset < MessageDeframer.prefixLength, written < buffer.count {
                buffer[written] = Self.prefixByte(offset, of: message)
                offset += 1
                written += 1
            }
            let start = offset - MessageDeframer.prefixLength
            let piece = min(message.count - start, buffer.count - written)
            if start >= 0, piece > 0 {
                message.bytes.withUnsafeBufferPointer { source in
                    let target = UnsafeMutableBufferPointer(rebasing: buffer[written..<written + piece])
                    _ = target.update(fromContentsOf: source[start..<start + piece])
                }
                offset += piece
                written += piece
            }
            guard offset == MessageDeframer.prefixLength + message.count else { return (written, .more) }
            offset = 0
            first = rest.popFirst()
        }
        return (written, isFinished ? .finished : .empty)
    }

    private static func prefixByte(_ position: Int, of message: WireMessage) -> UInt8 {
        guard position > 0 else { return message.isCompressed ? 1 : 0 }
        return UInt8(truncatingIfNeeded: (message.count + message.missing) >> (8 * (4 - position)))
    }
}
