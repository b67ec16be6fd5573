/// The percent-encoding of `grpc-message`: printable ASCII but `%` stands for itself, all other bytes are `%XX`. So is a space at
/// either end, which a header's value must not have (RFC 9113, section 8.2.1).
enum StatusMessageCoding {
    /// Servers cut messages at this many bytes before encoding, so that a trailer fits any peer's header limit.
    private static let longest = 2_048

    static func encode(_ message: String) -> String {
        let space = UInt8(ascii: " ")
        let endsInSpace = message.utf8.first == space || message.utf8.last == space
        guard endsInSpace || message.utf8.count > longest || message.utf8.contains(where: { !isPlain($0) }) else { return message }
        let digits = Array("0123456789ABCDEF".utf8)
        var text: [UInt8] = []
        let bytes = cut(message)
        for (index, byte) in bytes.enumerated() {
            if isPlain(byte), byte != space || index > 0 && index < bytes.count - 1 {
                text.append(byte)
            } else {
                text += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The bytes of `message` as far as they fit, without a part of a character at the end.
    private static func cut(_ message: String) -> ArraySlice<UInt8> {
        var bytes = Array(message.utf8.prefix(longest + 1))[...]
        guard bytes.count > longest else { return bytes }
        // The bytes of a character but its first are 10xxxxxx.
        while let last = bytes.popLast(), last & 0xC0 == 0x80 {}
        return bytes
    }

    /// Decodes what can be decoded: a `%` without two digits stays, as gRPC asks, and bad UTF-8 is repaired.
    static func decode(_ text: String) -> String {
        guard text.utf8.contains(UInt8(ascii: "%")) else { return text }
        let bytes = Array(text.utf8)
        var message: [UInt8] = []
        var position = 0
        while position < bytes.count {
            if bytes[position] == UInt8(ascii: "%"), position + 2 < bytes.count,
                let high = digit(bytes[position + 1]), let low = digit(bytes[position + 2])
            {
                message.append(high << 4 | low)
                position += 3
            } else {
                message.append(bytes[position])
                position += 1
            }
        }
        return String(decoding: message, as: UTF8.self)
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        (0x20...0x7E).contains(byte) && byte != UInt8(ascii: "%")
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        Character(UnicodeScalar(byte)).hexDigitValue.map { UInt8($0) }
    }
}
