/// How a claim of the scenario fared.
package struct AssertionResult: Sendable, Hashable, Codable {
    package var id: String
    package var role: AssertionSpec.Role
    package var passed: Bool
    /// What was claimed, such as `successRatio in steady`.
    package var subject: String
    package var observed: String
    /// What was observed, as a number in the metric's own unit, times in seconds; nil for what is no number.
    package var value: Double?
    package var required: String
    /// How far from the border, with a sign; nil where there is no distance.
    package var margin: String?
    /// All of it in one sentence.
    package var sentence: String

    package init(
        id: String, role: AssertionSpec.Role, passed: Bool, subject: String, observed: String, value: Double? = nil,
        required: String, margin: String? = nil, sentence: String
    ) {
        self.id = id
        self.role = role
        self.passed = passed
        self.subject = subject
        self.observed = observed
        self.value = value
        self.required = required
        self.margin = margin
        self.sentence = sentence
    }
}
