/// What policies and their elements may be called, so that `policy/element` names one thing.
enum NameRule {
    /// The same rule as a regular expression.
    static let pattern = "^[^/]+$"

    /// Why a text is no name; nil if it is one.
    static func problem(with name: String) -> String? {
        if name.isEmpty { return "a name may not be empty" }
        if name.contains("/") { return "a name may not contain /, which stands between a policy and its element" }
        return nil
    }
}
