import Holdfast

/// The definition of an object: its members, and what they make together.
///
/// The reader, the writer, the schema and the reference page all go by it, so that a new setting is one new line in one place.
struct Section<Value>: Sendable {
    /// What the object holds, to end the sentence "expected an object with ...".
    let what: String
    let shape: SectionShape
    /// Reads the members. Reports what is wrong; a value that comes out all the same is for further checks only.
    let read: @Sendable (ObjectReader) -> Value?
    let write: @Sendable (Value, WriteStyle) -> [(String, JSONText)]

    /// Defines an object.
    ///
    /// - Parameters:
    ///   - what: what the object holds, to end the sentence "expected an object with ...".
    ///   - name: the name under which the schema and the reference page keep it; none for one that stands where it is used.
    ///   - summary: what the object is for, in one sentence.
    ///   - prefix: what the core calls this object within a larger configuration, such as `budget`.
    ///   - list: its members.
    ///   - make: makes the value of the members' values, and checks them.
    init<each Part>(
        _ what: String, name: String? = nil, summary: String = "", within prefix: String? = nil,
        @FieldBuilder<Value> _ list: () -> FieldList<Value, repeat each Part>,
        make: @escaping @Sendable (repeat each Part) throws(ConfigurationError) -> Value
    ) {
        let list = list()
        self.what = what
        var members: [MemberShape] = []
        for field in repeat each list.fields { members += field.shapes }
        shape = SectionShape(name: name, summary: summary, members: members)
        read = { object in
            object.configuration(within: prefix) { () throws(ConfigurationError) -> Value? in
                // All members are read before one that is missing ends it, so that all mistakes are found.
                let parts = (repeat (each list.fields).read(object))
                for part in repeat each parts {
                    guard part != nil else { return nil }
                }
                return try make(repeat (each parts)!)
            }
        }
        write = { value, style in
            var members: [(String, JSONText)] = []
            for field in repeat each list.fields { members += field.write(value, style) }
            return members
        }
    }
}

extension Section {
    /// The same, for a function that makes the value.
    init<each Part>(
        _ what: String, name: String? = nil, summary: String = "", within prefix: String? = nil,
        make: @escaping @Sendable (repeat each Part) throws(ConfigurationError) -> Value,
        @FieldBuilder<Value> _ list: () -> FieldList<Value, repeat each Part>
    ) {
        self.init(what, name: name, summary: summary, within: prefix, list, make: make)
    }
}

/// What has a definition for documents.
protocol Sectioned {
    static var section: Section<Self> { get }
}

extension Sectioned {
    /// Reads the settings from the members of an object.
    static func read(_ object: ObjectReader) -> Self? { section.read(object) }
}
