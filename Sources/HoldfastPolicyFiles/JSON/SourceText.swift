/// A document as it was read: what it is called, and its bytes, so that a finding can show the line that it is about.
package final class SourceText: Sendable {
    /// The file as its reader was given it.
    package let file: String
    package let bytes: [UInt8]

    package init(file: String, bytes: [UInt8]) {
        self.file = file
        self.bytes = bytes
    }

    /// How many bytes of a line are looked at on either side of a place.
    private static let reach = 400
    /// How many columns of a line are shown in front of a place, and behind it.
    private static let (columnsBefore, columnsBehind) = (60, 40)

    /// The line of a place with a caret below it, as a compiler shows it:
    ///
    /// ```
    ///  12 | { "timeout": { "after": 250 } }
    ///     |                         ^
    /// ```
    ///
    /// Of a long line only what surrounds the place; a tab counts as four spaces, what cannot be printed as one `?`.
    package func excerpt(at position: SourcePosition) -> String {
        let offset = min(position.offset, bytes.count)
        let before = clipped(bytes[..<offset].suffix(Self.reach).reversed().prefix { !Self.endsLine($0) }.reversed())
        let behind = bytes[offset...].prefix(Self.reach).prefix { !Self.endsLine($0) }
        var (left, leftWidth) = Self.printable(before)
        var (right, _) = Self.printable(Array(behind))

        let startsLine = before.count == offset || Self.endsLine(bytes[offset - before.count - 1])
        if left.count > Self.columnsBefore || !startsLine {
            left = ["…"] + left.suffix(Self.columnsBefore)
            leftWidth = left.reduce(0) { $0 + Self.width($1) }
        }
        let endsLine = offset + behind.count == bytes.count || Self.endsLine(bytes[offset + behind.count])
        if right.count > Self.columnsBehind || !endsLine { right = right.prefix(Self.columnsBehind) + ["…"] }

        let number = String(position.line)
        let margin = String(repeating: " ", count: number.count)
        let line = String(String.UnicodeScalarView(left + right))
        return " \(number) | \(line)\n \(margin) | \(String(repeating: " ", count: leftWidth))^"
    }

    private static func endsLine(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") }

    /// Without the rest of a character that was cut in two.
    private func clipped(_ bytes: some Sequence<UInt8>) -> [UInt8] { Array(bytes.drop { $0 & 0xC0 == 0x80 }) }

    /// What a terminal can show, and how many columns it takes.
    private static func printable(_ bytes: [UInt8]) -> (text: [Unicode.Scalar], width: Int) {
        var text: [Unicode.Scalar] = []
        for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
            if scalar == "\t" {
                text += [" ", " ", " ", " "]
            } else {
                text.append(isUnprintable(scalar) ? "?" : scalar)
            }
        }
        return (text, text.reduce(0) { $0 + width($1) })
    }

    /// How many columns of a terminal a character takes: two for those of East Asia and for pictures, none for accents.
    private static func width(_ scalar: Unicode.Scalar) -> Int {
        switch scalar.value {
        case ..<0x300: 1
        case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6,
            0x1F300...0x1FAFF, 0x20000...0x3FFFD:
            2
        default:
            switch scalar.properties.generalCategory {
            case .nonspacingMark, .enclosingMark: 0
            default: 1
            }
        }
    }
}
