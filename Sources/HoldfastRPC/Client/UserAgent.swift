/// What a client calls itself (RFC 9110, section 10.1.5: the most significant product first).
enum UserAgent {
    /// This library.
    static let product: StaticString = "holdfast-swift/0.1"

    /// The whole header for a client that puts `prefix` in front; nil when there is none to put.
    static func text(prefix: String) -> String? {
        prefix.isEmpty ? nil : "\(prefix) \(product)"
    }
}
