import Holdfast

/// Gives each element of a policy a name of its own.
struct ElementNames {
    private var taken: [String: String] = [:]
    private var unnamed: [PolicyKind: Int] = [:]

    /// The name that the file gives, or the kind, numbered from its second time on; reports a name that is taken.
    mutating func name(_ reader: ValueReader?, of kind: PolicyKind, at element: ValueReader) -> String {
        guard let given = reader?.string("a name") else {
            let number = unnamed[kind, default: 0] + 1
            unnamed[kind] = number
            return take(number == 1 ? kind.rawValue : "\(kind.rawValue)\(number)", at: element)
        }
        if let problem = NameRule.problem(with: given) { reader?.fail(problem) }
        return take(given, at: reader ?? element)
    }

    private mutating func take(_ name: String, at reader: ValueReader) -> String {
        if let owner = taken.updateValue(reader.path, forKey: name) {
            reader.fail("the name \(quoted(name)) is taken by \(owner); give another \"name\"")
        }
        return name
    }
}
