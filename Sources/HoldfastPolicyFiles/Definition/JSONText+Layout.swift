extension JSONText {
    /// The value as JSON for people: what fits on a line stands on one.
    package func layout(width: Int = 120) -> String { layout(indent: 0, before: 0, width: width) }

    /// - Parameters:
    ///   - indent: how far what continues on further lines stands in.
    ///   - before: how many columns of the first line are taken.
    private func layout(indent: Int, before: Int, width: Int) -> String {
        let line = spaced
        if indent + before + line.utf8.count <= width { return line }
        let margin = String(repeating: " ", count: indent + 2)
        let lines: [String]
        let brackets: (open: String, close: String)
        switch self {
        case .array(let elements) where !elements.isEmpty:
            lines = elements.map { $0.layout(indent: indent + 2, before: 1, width: width) }
            brackets = ("[", "]")
        case .object(let members) where !members.isEmpty:
            lines = members.map { key, value in
                let key = "\(quoted(key, limit: .max)): "
                return key + value.layout(indent: indent + 2, before: key.utf8.count + 1, width: width)
            }
            brackets = ("{", "}")
        default:
            return line
        }
        let body = lines.map { margin + $0 }.joined(separator: ",\n")
        return "\(brackets.open)\n\(body)\n\(margin.dropLast(2))\(brackets.close)"
    }

    /// On one line, with spaces where people put them.
    private var spaced: String {
        switch self {
        case .array(let elements): "[" + elements.map(\.spaced).joined(separator: ", ") + "]"
        case .object(let members) where members.isEmpty: "{}"
        case .object(let members): "{ " + members.map { "\(quoted($0, limit: .max)): \($1.spaced)" }.joined(separator: ", ") + " }"
        default: text
        }
    }
}
