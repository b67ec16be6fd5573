/// `text` in double quotes with JSON's escapes, so that a message stays on one line and cannot steer a terminal.
///
/// What is longer than `limit` scalars is cut and ends in an ellipsis.
package func quoted(_ text: String, limit: Int = 60) -> String {
    if isPlain(text), text.utf8.count <= limit { return "\"\(text)\"" }
    var result = "\""
    for (index, scalar) in text.unicodeScalars.enumerated() {
        if index == limit {
            result += "…"
            break
        }
        switch scalar {
        case "\"": result += "\\\""
        case "\\": result += "\\\\"
        case "\n": result += "\\n"
        case "\r": result += "\\r"
        case "\t": result += "\\t"
        default:
            if isUnprintable(scalar) {
                result += escape(scalar)
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
    }
    return result + "\""
}

/// `text` cut to 60 characters, for tokens that need no quotes.
package func abbreviated(_ text: String) -> String {
    text.utf8.count > 60 ? String(text.prefix(59)) + "…" : text
}

/// Whether a text is nothing but printable ASCII that needs no escape, as most are.
private func isPlain(_ text: String) -> Bool {
    text.utf8.allSatisfy { (0x20..<0x7F).contains($0) && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }
}

func isUnprintable(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: true
    default: false
    }
}

private func escape(_ scalar: Unicode.Scalar) -> String {
    UTF16.encode(scalar)!.map { unit in
        let digits = String(unit, radix: 16)
        return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    }.joined()
}
