import Holdfast
import NIOCore

/// What waits to be passed on, in its place in line.
struct Parcel {
    enum Content {
        case bytes(ByteBuffer)
        /// The end of the stream.
        case end
        /// The end of the connection.
        case cut(NetworkFault.Ending)
    }

    /// How bytes are cut into pieces.
    struct Slices {
        let size: Int
        let variation: Int
        let pause: TimeAmount
        let random: RandomSource

        func next() -> Int {
            guard variation > 0 else { return size }
            return max(1, size - variation + Int(random.uniform() * Double(2 * variation + 1)))
        }
    }

    var content: Content
    /// When it may be passed on; never before the one in front of it.
    var due: NIODeadline
    var slices: Slices?

    /// Takes the next piece off, of at most `most` bytes; nil for what has none.
    mutating func takePiece(most: Int) -> ByteBuffer? {
        guard case .bytes(var bytes) = content else { return nil }
        let wanted = min(slices?.next() ?? .max, most, bytes.readableBytes)
        let piece = bytes.readSlice(length: wanted)
        content = .bytes(bytes)
        return piece
    }

    var isEmpty: Bool {
        if case .bytes(let bytes) = content { bytes.readableBytes == 0 } else { false }
    }
}
