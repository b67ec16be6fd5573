/// A field of an object, or several of which exactly one says which kind the object is.
package enum MemberShape: Sendable {
    case field(FieldShape)
    case choice([AlternativeShape])
    /// A field whose word says which of further fields the object has: those of the alternative with that word for its key.
    case tag(FieldShape, [AlternativeShape])

    /// All fields, those of every alternative included.
    package var fields: [FieldShape] {
        switch self {
        case .field(let field): [field]
        case .choice(let alternatives): alternatives.flatMap(\.fields)
        case .tag(let field, let alternatives): [field] + alternatives.flatMap(\.fields)
        }
    }
}

/// One way to fill a choice: its key and the fields that go with it.
package struct AlternativeShape: Sendable {
    /// The key that chooses it; nil for the one that holds when no other is chosen.
    package let key: String?
    package let fields: [FieldShape]

    package init(key: String?, fields: [FieldShape]) {
        self.key = key
        self.fields = fields
    }
}
