import Holdfast

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
    /// References to variables that a string was made of. A class, since most values have none and are copied often.
    final class Reference: Sendable {
        /// The string as it stands in the document.
        let written: String
        /// Whether it is nothing but one reference, and may stand for a number too.
        let isWhole: Bool

        init(written: String, isWhole: Bool) {
            self.written = written
            self.isWhole = isWhole
        }
    }

    package let value: JSONValue
    package let position: SourcePosition
    let reference: Reference?
    /// Whether the value has been reported as wrong, so that nothing else need be said about it.
    let isBroken: Bool

    init(value: JSONValue, position: SourcePosition, reference: Reference? = nil, isBroken: Bool = false) {
        self.value = value
        self.position = position
        self.reference = reference
        self.isBroken = isBroken
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

    /// The value where a number or a truth value is asked for: a reference stands for what its text says.
    var plain: JSONValue {
        guard case .string(let text) = value, reference?.isWhole == true else { return value }
        guard let parsed = try? JSONParser.parse(Array(text.utf8), .json), !parsed.isContainer else { return value }
        if case .string = parsed.value { return value }
        return parsed.value
    }

    /// The value as a reader of the document would call it: `the number 12`, `an array`.
    package var noun: String {
        switch value {
        case .null: "null"
        case .bool(let flag): flag ? "true" : "false"
        case .number(let number): "the number \(abbreviated(number.text))"
        case .string(let text): "the string \(quotation(of: text))"
        case .array: "an array"
        case .object: "an object"
        }
    }

    /// Advice for a string whose text is right, and only its quotes are not.
    func unquoted(_ isRight: (JSONValue) -> Bool) -> String? {
        guard case .string(let text) = value, reference == nil, text.utf8.count <= 60,
            let parsed = try? JSONParser.parse(Array(text.utf8), .json), isRight(parsed.value)
        else { return nil }
        return "write \(parsed.jsonText) without quotes"
    }

    /// Advice for a string such as `50%`.
    var percentage: String? {
        guard case .string(let text) = value, reference == nil, text.hasSuffix("%"), let share = Double(text.dropLast()) else { return nil }
        return "write \(Words.number(share / 100))"
    }

    /// A string of this value in quotes, with the reference that it came from.
    func quotation(of text: String) -> String {
        "\(quoted(text))\(origin)"
    }

    /// The value in the words of the file, with the reference that it came from.
    var words: String {
        guard case .string(let text) = value, reference?.isWhole == true else { return "\(abbreviated(jsonText))\(origin)" }
        return "\(abbreviated(text))\(origin)"
    }

    /// ` (the value of "${RPS}")` for what came from there.
    private var origin: String {
        reference.map { " (the value of \(quoted($0.written)))" } ?? ""
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
