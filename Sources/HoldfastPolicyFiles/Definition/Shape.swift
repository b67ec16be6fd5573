/// What may stand at one place of a document: what the schema and the reference page are printed from.
package indirect enum Shape: Sendable {
    case bool
    case integer(Bounds<Int>)
    case number(Bounds<Double>)
    case duration(Bounds<Duration>)
    /// A string that is not empty.
    case text
    /// One of some words.
    case words([String])
    case list(Shape)
    /// An object whose keys are data, and a regular expression that they match.
    case map(Shape, keys: String)
    case object(SectionShape)
    /// Any JSON.
    case anything
    /// Null, and what it means.
    case null(String)
    case anyOf([Shape])
}

/// The members of an object.
package struct SectionShape: Sendable {
    /// The name under which the schema and the reference page keep it; nil for one that stands where it is used.
    package let name: String?
    /// What the object is for, as the beginning of its part of the reference page.
    package let summary: String
    package let members: [MemberShape]
}

/// A field of an object, or several of which exactly one says which kind the object is.
package enum MemberShape: Sendable {
    case field(FieldShape)
    case choice([AlternativeShape])

    /// All fields, those of every alternative included.
    package var fields: [FieldShape] {
        switch self {
        case .field(let field): [field]
        case .choice(let alternatives): alternatives.flatMap(\.fields)
        }
    }
}

/// One way to fill a choice: its key and the fields that go with it.
package struct AlternativeShape: Sendable {
    /// The key that chooses it; nil for the one that holds when no other is chosen.
    package let key: String?
    package let fields: [FieldShape]
}

/// One key of an object.
package struct FieldShape: Sendable {
    package let key: String
    package let shape: Shape
    package let isRequired: Bool
    /// What holds when the key is missing: JSON, or a few words; nil for a key that is required.
    package let fallback: Fallback?
    /// What the field is, in one sentence.
    package let summary: String

    /// What holds when a key is missing.
    package enum Fallback: Sendable {
        case value(JSONText)
        case words(String)
    }
}

/// The elements of a pipeline.
package enum ElementShapes {
    /// The settings of each kind, by its name.
    package static let all: [(key: String, shape: Shape)] = ElementDraft.kinds.compactMap { kind in
        kind.shape.map { (kind.name, $0) }
    }
}
