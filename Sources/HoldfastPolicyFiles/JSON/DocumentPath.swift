/// The path of a value in its document, as a diagnostic shows it: `routes["a.B/C"].policy`.
package struct DocumentPath: Hashable, Sendable, CustomStringConvertible {
    package let description: String

    /// The top of the document.
    package static let root = DocumentPath(description: "")

    package subscript(index: Int) -> DocumentPath {
        DocumentPath(description: "\(description)[\(index)]")
    }

    package subscript(key: String) -> DocumentPath {
        guard Self.isPlain(key) else { return DocumentPath(description: "\(description)[\(quoted(key))]") }
        return DocumentPath(description: description.isEmpty ? key : "\(description).\(key)")
    }

    /// Whether a key reads well without quotes: letters, digits, `_`, `-` and `$`.
    private static func isPlain(_ key: String) -> Bool {
        !key.isEmpty && key.utf8.count <= 60
            && key.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "$"): true
                default: false
                }
            }
    }
}
