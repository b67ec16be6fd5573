extension JSONText {
    /// The value as JSON for people: what fits on a line stands on one.
    package func layout(width: Int = 120) -> String { layout(indent: 0, before: 0, width: width) }

    /// - Parameters:
    ///   - indent: how far what continues on further lines stands in.
    ///   - before: how many columns of the first line are taken.
    private func layout(indent: Int, before: Int, width: Int) -> String {
        if let line = spaced(within: width - indent - before) { return line }
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
            return text
        }
        let body = lines.map { margin + $0 }.joined(separator: ",\n")
        return "\(brackets.open)\n\(body)\n\(margin.dropLast(2))\(brackets.close)"
    }

    /// On one line, with spaces where people put them; nil if that takes more than so many bytes.
    private func spaced(within limit: Int) -> String? {
        guard limit >= 0 else { return nil }
        let line: String
        switch self {
        case .array(let elements):
            guard let parts = Self.fit(elements.map { ("", $0) }, within: limit - 2) else { return nil }
            line = "[\(parts)]"
        case .object(let members) where members.isEmpty:
            line = "{}"
        case .object(let members):
            let members = members.prefix(limit).map { ("\(quoted($0, limit: .max)): ", $1) }
            guard let parts = Self.fit(members, within: limit - 4) else { return nil }
            line = "{ \(parts) }"
        default:
            line = text
        }
        return line.utf8.count <= limit ? line : nil
    }

    private static func fit(_ values: [(lead: String, value: JSONText)], within limit: Int) -> String? {
        var line = ""
        for (lead, value) in values {
            if !line.isEmpty { line += ", " }
            line += lead
            guard let text = value.spaced(within: limit - line.utf8.count) else { return nil }
            line += text
        }
        return line
    }
}
