import Holdfast

/// Gives each element of a policy a name of its own.
struct ElementNames {
    /// How a document writes a name; ``name(_:of:at:)`` checks it.
    static let form = Form<String>(.matching(NameRule.pattern)) {
        $0.string("a name")
    } write: { value, _ in
        .string(VariableReferences.escape(value))
    }

    private let document: DocumentReader
    private var taken: [String: SourceLocation] = [:]
    private var unnamed: [PolicyKind: Int] = [:]

    init(_ document: DocumentReader) {
        self.document = document
    }

    /// The name that the file gives, or the kind, numbered from its second time on; reports a name that is taken.
    mutating func name(_ given: Located<String>?, of kind: PolicyKind, at element: SourceLocation) -> String {
        guard let given else {
            let number = unnamed[kind, default: 0] + 1
            unnamed[kind] = number
            return take(number == 1 ? kind.rawValue : "\(kind.rawValue)\(number)", at: element)
        }
        if let problem = NameRule.problem(with: given.value) { document.report(at: given.location, problem) }
        return take(given.value, at: given.location)
    }

    private mutating func take(_ name: String, at location: SourceLocation) -> String {
        if let owner = taken.updateValue(location, forKey: name) {
            document.report(at: location, "the name \(quoted(name)) is taken by \(owner.path); give another \"name\"")
        }
        return name
    }
}
