/// The path of a value in its document, as a diagnostic shows it: `routes["a.B/C"].policy`.
///
/// It is a chain of steps, and put into words only when there is something to say.
package indirect enum DocumentPath: Sendable, CustomStringConvertible {
    /// The top of the document.
    case root
    case element(DocumentPath, Int)
    case member(DocumentPath, String)

    package subscript(index: Int) -> DocumentPath { .element(self, index) }

    package subscript(key: String) -> DocumentPath { .member(self, key) }

    package var description: String {
        switch self {
        case .root: return ""
        case .element(let parent, let index): return "\(parent)[\(index)]"
        case .member(let parent, let key):
            let parent = parent.description
            guard Self.isPlain(key) else { return "\(parent)[\(quoted(key))]" }
            return parent.isEmpty ? key : "\(parent).\(key)"
        }
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
