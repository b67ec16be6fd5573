/// What an evaluation found, before it is put on the record under an assertion's id.
struct Finding {
    var passed: Bool
    var subject: String
    var observed: String
    var value: Double?
    var required: String
    var margin: String?
    var sentence: String

    func result(of spec: AssertionSpec) -> AssertionResult {
        AssertionResult(
            id: spec.id, role: spec.role, passed: passed, subject: subject, observed: observed, value: value, required: required,
            margin: margin, sentence: sentence)
    }
}
