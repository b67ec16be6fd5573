// Going on after an error: what is wrong within one element of an object or array costs that element only.

extension JSONParser {
    /// The most syntax errors that are told of one document; more are rather no JSON at all.
    static let maximumErrors = 20

    /// Takes note of an error after which the reading goes on; a second one at the same place only repeats it.
    /// - Throws: the error, if it is one too many.
    mutating func note(_ error: JSONSyntaxError) throws(JSONSyntaxError) {
        guard errors.last?.position != error.position else { return }
        errors.append(error)
        guard errors.count < Self.maximumErrors else { throw error.final }
    }

    /// Takes note of an error, and steps over the rest of the element that it is in.
    /// - Throws: the error again, if what follows cannot be understood.
    mutating func recover(from error: JSONSyntaxError) throws(JSONSyntaxError) {
        guard !error.isFinal else { throw error }
        try note(error)
        let wasCut = isAtLineEnd
        guard try skipToSeparator() else { throw error.final }
        mayLackComma = wasCut && peek == UInt8(ascii: "\"")
    }

    private var isAtLineEnd: Bool { peek == 0x0A || peek == 0x0D }

    /// Steps to the comma or closing bracket that ends an element, or to a string at the beginning of a line, before which a comma is
    /// missing.
    /// - Returns: false at the end of the document.
    private mutating func skipToSeparator() throws(JSONSyntaxError) -> Bool {
        var depth = 0
        while let byte = peek {
            switch byte {
            case UInt8(ascii: ",") where depth == 0: return true
            case UInt8(ascii: "}") where depth == 0, UInt8(ascii: "]") where depth == 0: return true
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                offset += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                offset += 1
            case UInt8(ascii: "\""): skipString()
            case UInt8(ascii: "/"), UInt8(ascii: "#"):
                if try !skipComment() { offset += 1 }
            case 0x0A, 0x0D:
                try skipWhitespace()
                if depth == 0, peek == UInt8(ascii: "\"") { return true }
            default: offset += 1
            }
        }
        return false
    }

    /// Steps over a string, or over what its line has of it.
    private mutating func skipString() {
        offset += 1
        while let byte = peek, byte != 0x0A, byte != 0x0D {
            offset += byte == UInt8(ascii: "\\") && offset + 1 < bytes.count ? 2 : 1
            if byte == UInt8(ascii: "\"") { return }
        }
    }
}

extension JSONNode {
    /// What stands for a value that was not understood.
    static func broken(at position: SourcePosition) -> JSONNode {
        JSONNode(value: .null, position: position, isBroken: true)
    }
}
