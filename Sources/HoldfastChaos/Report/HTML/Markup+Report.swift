import HoldfastAdmin

/// The few rules of HTML and SVG text that the report needs besides.
extension Markup {
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
