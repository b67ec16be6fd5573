extension JSONParser {
    /// Reads a string; the next byte is its opening quote, and the closing one is the same.
    /// - Returns: nil if it holds what was reported.
    mutating func string() throws(JSONSyntaxError) -> String? {
        let start = offset
        let known = errors.count
        let quote = bytes[offset]
        offset += 1
        var text: [UInt8] = []
        var run = offset
        while true {
            guard let byte = peek else { throw failure(at: start, "this string is not closed before the end of the document") }
            switch byte {
            case quote:
                defer { offset += 1 }
                guard errors.count == known else { return nil }
                if text.isEmpty { return String(decoding: bytes[run..<offset], as: UTF8.self) }
                return String(decoding: text + bytes[run..<offset], as: UTF8.self)
            case UInt8(ascii: "\\"):
                text += bytes[run..<offset]
                do throws(JSONSyntaxError) {
                    text += Array(String(try escape()).utf8)
                } catch {
                    guard !isAtEnd else { throw error }
                    try note(error)
                }
                run = offset
            case UInt8(ascii: "\n"), UInt8(ascii: "\r"):
                throw failure(at: start, "this string is not closed on its line; close it, or write \\n for a line break")
            case 0x00..<0x20:
                let control = byte == 0x09 ? "a tab" : "the control character U+00\(hexadecimal(byte))"
                let escape = byte == 0x09 ? "\\t" : "\\u00\(hexadecimal(byte))"
                try note(failure("a string may not contain \(control) as it is; write \(escape)"))
                offset += 1
            default:
                offset += 1
            }
        }
    }

    /// Reads an escape; the next byte is its backslash.
    private mutating func escape() throws(JSONSyntaxError) -> Unicode.Scalar {
        let start = offset
        offset += 1
        guard let kind = peek else { throw failure(at: start, "the document ends within a string") }
        offset += 1
        switch kind {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(kind)
        case UInt8(ascii: "'") where dialect == .json5: return "'"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return try unicodeEscape(from: start)
        default:
            // A line that ends after a backslash is a string that is not closed.
            if kind == 0x0A || kind == 0x0D { offset -= 1 }
            let escapes = #"\" \\ \/ \b \f \n \r \t \uXXXX"#
            throw failure(at: start, #"a backslash must begin one of \#(escapes); write \\ for a backslash itself"#)
        }
    }

    /// Reads the digits of `\uXXXX`, and the second half if the first is a leading surrogate.
    private mutating func unicodeEscape(from start: Int) throws(JSONSyntaxError) -> Unicode.Scalar {
        let first = try fourDigits(from: start)
        if let scalar = Unicode.Scalar(first) { return scalar }
        if UTF16.isLeadSurrogate(first), skip("\\"), skip("u") {
            let second = try fourDigits(from: start)
            if UTF16.isTrailSurrogate(second) {
                return UTF16.decode(UTF16.EncodedScalar([first, second]))
            }
        }
        throw failure(at: start, "\\u\(String(first, radix: 16)) is half of a surrogate pair; write both halves, or the character itself")
    }

    private mutating func fourDigits(from start: Int) throws(JSONSyntaxError) -> UInt16 {
        var value: UInt16 = 0
        for _ in 0..<4 {
            guard let byte = peek, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw failure(at: start, "\\u must be followed by four hexadecimal digits")
            }
            value = value << 4 | UInt16(digit)
            offset += 1
        }
        return value
    }

    private func hexadecimal(_ byte: UInt8) -> String {
        (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
    }
}
