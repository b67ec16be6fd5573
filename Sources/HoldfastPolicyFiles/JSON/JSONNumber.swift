/// A JSON number as it was written; its grammar and its range were checked when it was parsed.
package struct JSONNumber: Sendable {
    package let text: String

    /// The nearest double; always finite.
    package var double: Double { Double(text) ?? .nan }

    /// The value as an integer, if it is exactly one: `12`, `12.0` and `1.2e1` are, `12.5` is not.
    package var integer: Int? { Int(text) ?? Int(exactly: double) }
}
