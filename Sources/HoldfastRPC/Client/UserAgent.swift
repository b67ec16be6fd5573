/// What a client calls itself (RFC 9110, section 10.1.5: the most significant product first).
enum UserAgent {
    /// This library.
    static let product: StaticString = "holdfast-swift/0.1"

    /// The whole header for a client that puts `prefix` in front; nil when there is none to put. What HTTP does not let through is
    /// left out.
    static func text(prefix: String) -> String? {
        let plain = String(prefix.unicodeScalars.filter { (0x20...0x7E).contains($0.value) }.map(Character.init))
        return plain.isEmpty ? nil : "\(plain) \(product)"
    }
}
