/// Turns byte offsets into positions; cheap as long as the offsets asked for do not go back.
struct PositionMarker {
    private var position = SourcePosition.start

    /// The position of the byte at `target`; `\n`, `\r\n` and a lone `\r` end a line.
    mutating func position(at target: Int, in bytes: [UInt8]) -> SourcePosition {
        if target < position.offset { self = PositionMarker() }
        while position.offset < target {
            let next = position.offset + 1
            step(over: bytes[position.offset], next: next < bytes.count ? bytes[next] : nil)
            position.offset = next
        }
        return position
    }

    private mutating func step(over byte: UInt8, next: UInt8?) {
        switch byte {
        case UInt8(ascii: "\r") where next == UInt8(ascii: "\n"):
            break
        case UInt8(ascii: "\n"), UInt8(ascii: "\r"):
            position.line += 1
            position.column = 1
        case 0x80...0xBF:
            break  // continues a scalar that was counted at its first byte
        default:
            position.column += 1
        }
    }
}
