/// What a client calls itself (RFC 9110, section 10.1.5: the most significant product first).
enum UserAgent {
    /// This library.
    static let product: StaticString = "holdfast-swift/0.1"

    /// Whether `prefix` can stand in front of that: empty, or printable ASCII with no space at its ends, which HTTP would drop.
    static func isProduct(_ prefix: String) -> Bool {
        prefix.utf8.allSatisfy { (0x20...0x7E).contains($0) } && prefix.utf8.first != 0x20 && prefix.utf8.last != 0x20
    }

    /// The whole header for a client that puts `prefix` in front; nil when there is none to put.
    static func text(prefix: String) -> String? {
        prefix.isEmpty ? nil : "\(prefix) \(product)"
    }
}
