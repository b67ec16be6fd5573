/// One key of an object.
package struct FieldShape: Sendable {
    package let key: String
    package let shape: Shape
    package let isRequired: Bool
    /// What holds when the key is missing: JSON, or a few words; nil for a key that is required.
    package let fallback: Fallback?
    /// What the field is, in one sentence.
    package let summary: String

    package init(key: String, shape: Shape, isRequired: Bool, fallback: Fallback?, summary: String) {
        self.key = key
        self.shape = shape
        self.isRequired = isRequired
        self.fallback = fallback
        self.summary = summary
    }

    /// What holds when a key is missing.
    package enum Fallback: Sendable {
        case value(JSONText)
        case words(String)
    }
}
