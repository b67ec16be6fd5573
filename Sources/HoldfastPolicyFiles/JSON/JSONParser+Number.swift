extension JSONParser {
    /// Reads a number; the next byte is `-` or a digit.
    mutating func number() throws(JSONSyntaxError) -> JSONNumber {
        let start = offset
        _ = skip("-")
        if skip("0") {
            if isDigit { throw failure(at: start, "a number may not begin with 0; remove the leading zero") }
        } else {
            try digits("a number begins with a digit after -", start)
        }
        if skip(".") { try digits("a decimal point must be followed by a digit", start) }
        let hasExponent = skip("e") || skip("E")
        if hasExponent {
            if !skip("+") { _ = skip("-") }
            try digits("an exponent must have a digit", start)
        }
        if let byte = peek, Self.isWordByte(byte) {
            throw failure(at: start, "\(quoted(token(from: start))) is no JSON number; write it in decimal digits, such as 12, 0.5 or 1e3")
        }
        let number = JSONNumber(text: String(decoding: bytes[start..<offset], as: UTF8.self))
        // Only an exponent or hundreds of digits can leave the range of a double; all others need not be converted to know.
        if hasExponent || offset - start > 300 { try checkRange(number, start) }
        return number
    }

    private func checkRange(_ number: JSONNumber, _ start: Int) throws(JSONSyntaxError) {
        guard number.double.isFinite else {
            throw failure(at: start, "the number \(abbreviated(number.text)) is too large; the limit is about 1.8e308")
        }
        guard number.double != 0 || isZero(mantissa: number.text) else {
            throw failure(at: start, "the number \(abbreviated(number.text)) is too small to tell from 0; write 0")
        }
    }

    private func isZero(mantissa text: String) -> Bool {
        !text.utf8.prefix { $0 | 0x20 != UInt8(ascii: "e") }.contains { (UInt8(ascii: "1")...UInt8(ascii: "9")).contains($0) }
    }

    private mutating func digits(_ rule: String, _ start: Int) throws(JSONSyntaxError) {
        guard isDigit else { throw failure(at: start, "\(quoted(token(from: start))) is no JSON number: \(rule)") }
        while isDigit { offset += 1 }
    }

    private func token(from start: Int) -> String {
        String(decoding: bytes[start...].prefix { Self.isWordByte($0) }, as: UTF8.self)
    }
}
