/// One JSON value; the members of an object stand in the order of the file.
package enum JSONValue: Sendable {
    case null
    case bool(Bool)
    case number(JSONNumber)
    case string(String)
    case array([JSONNode])
    case object([JSONMember])
}

/// A JSON value and the place where it begins.
package struct JSONNode: Sendable {
    package let value: JSONValue
    package let position: SourcePosition

    package init(value: JSONValue, position: SourcePosition) {
        self.value = value
        self.position = position
    }
}

/// One `"key": value` of an object.
package struct JSONMember: Sendable {
    package let key: String
    package let keyPosition: SourcePosition
    package let node: JSONNode
}

extension JSONNode {
    var isContainer: Bool {
        switch value {
        case .array, .object: true
        case .null, .bool, .number, .string: false
        }
    }

    /// The value as a reader of the document would call it: `the number 12`, `an array`.
    package var noun: String {
        switch value {
        case .null: "null"
        case .bool(let flag): flag ? "true" : "false"
        case .number(let number): "the number \(abbreviated(number.text))"
        case .string(let text): "the string \(quoted(text))"
        case .array: "an array"
        case .object: "an object"
        }
    }

    /// The value as compact JSON, numbers and the order of members as they were written.
    package var jsonText: String {
        switch value {
        case .null: "null"
        case .bool(let flag): flag ? "true" : "false"
        case .number(let number): number.text
        case .string(let text): quoted(text, limit: .max)
        case .array(let elements): "[" + elements.map(\.jsonText).joined(separator: ",") + "]"
        case .object(let members):
            "{" + members.map { "\(quoted($0.key, limit: .max)):\($0.node.jsonText)" }.joined(separator: ",") + "}"
        }
    }
}
