/// What policies and their elements may be called, so that `policy/element` names one thing, and none of it steers a terminal or begins a
/// line that somebody takes for a command.
enum NameRule {
    /// The same rule as a regular expression.
    static let pattern = "^[^/\(controls)]+$"
    /// The rule for names that stand alone, as a regular expression.
    static let printablePattern = "^[^\(controls)]+$"
    private static let controls = #"\u0000-\u001f\u007f-\u009f\u2028\u2029"#

    /// Why a text is no name; nil if it is one.
    static func problem(with name: String) -> String? {
        if name.isEmpty { return "a name may not be empty" }
        if name.contains("/") { return "a name may not contain /, which stands between a policy and its element" }
        return printingProblem(with: name)
    }

    /// Why a text cannot be printed as it is; nil if it can.
    static func printingProblem(with name: String) -> String? {
        let isControl = name.unicodeScalars.contains { scalar in
            switch scalar.properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator: true
            default: false
            }
        }
        return isControl ? "a name may not contain control characters, such as a line break" : nil
    }
}
