/// The percent-encoding of `grpc-message`: printable ASCII but `%` stands for itself, all other bytes are `%XX`.
enum StatusMessageCoding {
    /// Servers cut messages at this many bytes before encoding, so that a trailer fits any peer's header limit.
    private static let longest = 2_048

    static func encode(_ message: String) -> String {
        guard message.utf8.contains(where: { !isPlain($0) }) || message.utf8.count > longest else { return message }
        let digits = Array("0123456789ABCDEF".utf8)
        var text: [UInt8] = []
        for byte in message.utf8.prefix(longest) {
            if isPlain(byte) {
                text.append(byte)
            } else {
                text += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: text, as: UTF8.self)
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
