import HoldfastPolicyFiles
import NIOHTTP1

/// The query of a request's address, decoded.
struct QueryString: Sendable, Equatable {
    struct Field: Sendable, Equatable {
        var name: String
        var value: String
    }

    private(set) var fields: [Field] = []

    /// Reads what follows the question mark.
    init(_ text: Substring) throws(HTTPRefusal) {
        for pair in text.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            fields.append(Field(name: try Self.decode(parts[0]), value: parts.count > 1 ? try Self.decode(parts[1]) : ""))
        }
    }

    /// The first value of a field, which is then no longer there.
    mutating func remove(_ name: String) -> String? {
        let value = fields.first { $0.name == name }?.value
        fields.removeAll { $0.name == name }
        return value
    }

    /// A message whose fields have these values, as JSON: a name with dots is a field of a field, and one that occurs again is repeated.
    ///
    /// All values are strings. Protocol Buffers' JSON takes them for numbers, enumerations and times as well; for booleans it does not,
    /// so `booleans` says whether `true` and `false` are to be taken for those.
    func message(booleans: Bool) -> [UInt8] {
        var root = Node()
        for field in fields {
            let value: JSONText = booleans && ["true", "false"].contains(field.value) ? .raw(field.value) : .string(field.value)
            root.add(value, at: field.name.split(separator: ".", maxSplits: 31, omittingEmptySubsequences: false)[...])
        }
        return Array(root.json.text.utf8)
    }

    private struct Node {
        private var values: [JSONText] = []
        private var members: [(name: String, node: Node)] = []

        mutating func add(_ value: JSONText, at path: ArraySlice<Substring>) {
            guard let name = path.first.map(String.init) else { return values.append(value) }
            if let index = members.firstIndex(where: { $0.name == name }) {
                members[index].node.add(value, at: path.dropFirst())
            } else {
                var node = Node()
                node.add(value, at: path.dropFirst())
                members.append((name, node))
            }
        }

        var json: JSONText {
            let object = JSONText.object(members.map { ($0.name, $0.node.json) })
            return switch (values.count, members.isEmpty) {
            case (0, _): object
            case (1, true): values[0]
            // A field that is both a value and an object is neither, which the decoder says.
            default: .array(values + (members.isEmpty ? [] : [object]))
            }
        }
    }

    private static func decode(_ text: Substring) throws(HTTPRefusal) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "+"): bytes.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard let high = rest.popFirst().flatMap(hexadecimal), let low = rest.popFirst().flatMap(hexadecimal) else {
                    throw HTTPRefusal(.badRequest, "the address has a % that two hexadecimal digits do not follow")
                }
                bytes.append(high << 4 | low)
            default: bytes.append(byte)
            }
        }
        guard let decoded = String(validating: bytes, as: UTF8.self) else {
            throw HTTPRefusal(.badRequest, "the address is not UTF-8")
        }
        return decoded
    }

    private static func hexadecimal(_ byte: UInt8) -> UInt8? {
        Character(UnicodeScalar(byte)).hexDigitValue.map(UInt8.init)
    }
}
