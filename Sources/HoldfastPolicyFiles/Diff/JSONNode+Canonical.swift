extension JSONNode {
    /// The value as compact JSON with sorted keys and numbers in one spelling: equal for texts that mean the same.
    var canonicalText: String {
        switch value {
        case .null, .bool, .string: return jsonText
        case .number(let number): return number.integer.map(String.init) ?? String(number.double)
        case .array(let elements): return "[" + elements.map(\.canonicalText).joined(separator: ",") + "]"
        case .object(let members):
            let sorted = members.sorted { $0.key < $1.key }
            return "{" + sorted.map { "\(quoted($0.key, limit: .max)):\($0.node.canonicalText)" }.joined(separator: ",") + "}"
        }
    }

    /// The same of a text; the text itself if it is no JSON.
    static func canonical(_ text: String) -> String {
        (try? JSONParser.parse(Array(text.utf8), .json))?.canonicalText ?? text
    }
}
