/// The JSON text that the Say service answers with.
enum JSONText {
    /// An array with one object that maps `name` to `message`: `[{"kitty":"hello world!"}]`.
    static func array(name: String, message: String) -> String {
        var text = "[{"
        append(name, to: &text)
        text += ":"
        append(message, to: &text)
        return text + "}]"
    }

    /// Appends `value` as a JSON string (RFC 8259, section 7).
    private static func append(_ value: String, to text: inout String) {
        text += "\""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case "\u{0}"..."\u{1F}":
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }
}
