/// The few rules of HTML and SVG text that the report needs.
enum Markup {
    /// Text as the content of an element or of a quoted attribute.
    static func escape(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            case "\t", "\n": result.unicodeScalars.append(scalar)
            // Control characters are no text in HTML, escaped or not.
            case _ where scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value): result += "\u{FFFD}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// Text whose percentages and times stay on one line with their units.
    static func units(_ text: String) -> String {
        ["%", "ms", "µs", "points"].reduce(escape(text)) { text, unit in
            text.replacing(" \(unit)", with: "\u{A0}\(unit)")
        }
    }

    /// JSON as the content of a `<script>`, which ends at the first `</script` and knows no entities.
    static func escapeScript(_ json: String) -> String {
        var result = ""
        for character in json.unicodeScalars {
            // Outside strings, JSON has no "<"; inside, this is the same character.
            if character == "<" { result += "\\u003c" } else { result.unicodeScalars.append(character) }
        }
        return result
    }

    /// A coordinate with as many decimals as a screen can show.
    static func number(_ value: Double) -> String {
        Figure.short(value, 1)
    }
}
