/// One setting of an element as a policy file would spell it: its path within the element, and its value.
struct PolicyField: Hashable, Sendable {
    let path: String
    let text: String

    /// The settings in what the definition of an element writes, so that one that is new there is compared too.
    static func list(of json: JSONText, at path: String = "") -> [PolicyField] {
        switch json {
        case .object(let members) where !members.isEmpty:
            members.flatMap { list(of: $1, at: path.isEmpty ? $0 : "\(path).\($0)") }
        case .array(let elements) where elements.contains(where: \.isContainer):
            elements.enumerated().flatMap { list(of: $1, at: "\(path)[\($0)]") }
        default: [PolicyField(path: path, text: text(of: json))]
        }
    }

    private static func text(of json: JSONText) -> String {
        switch json {
        case .null: "none"
        case .string(let text): text
        // An answer in the words of its author.
        case .raw(let text): JSONNode.canonical(text)
        case .array(let elements): elements.isEmpty ? "nothing" : elements.map { text(of: $0) }.joined(separator: ", ")
        case .bool, .integer, .number, .object: json.text
        }
    }
}

extension JSONText {
    fileprivate var isContainer: Bool {
        switch self {
        case .array, .object: true
        case .null, .bool, .integer, .number, .string, .raw: false
        }
    }
}
