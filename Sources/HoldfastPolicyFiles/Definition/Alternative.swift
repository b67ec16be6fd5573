/// One way to fill a choice.
struct Alternative<Value>: Sendable {
    let shape: AlternativeShape
    let read: @Sendable (ObjectReader) -> Value?
    /// Nil if the value is of another alternative.
    let write: @Sendable (Value, WriteStyle) -> [(String, JSONText)]?

    /// The key that chooses it, with a value.
    ///
    /// - Parameters:
    ///   - make: makes the whole of the value that stands there.
    ///   - match: what stands there for a whole; nil if that is of another alternative.
    init<Part: Sendable>(
        _ key: String, _ form: Form<Part>, standIn: Part? = nil, _ summary: String, make: @escaping @Sendable (Part) -> Value,
        match: @escaping @Sendable (Value) -> Part?
    ) {
        let only = Section<Part>(summary) {
            .required(key, form, standIn: standIn, \.self, summary)
        } make: {
            $0
        }
        self.init(key, only, make: make, match: match)
    }

    /// The key that chooses it, with further keys beside it.
    ///
    /// - Parameters:
    ///   - key: the key that chooses it; nil for the alternative that holds when no other is chosen.
    ///   - section: all keys, the one that chooses it among them.
    init<Part>(
        _ key: String?, _ section: Section<Part>, make: @escaping @Sendable (Part) -> Value,
        match: @escaping @Sendable (Value) -> Part?
    ) {
        shape = AlternativeShape(key: key, fields: section.shape.members.flatMap(\.fields))
        read = { section.read($0).map(make) }
        write = { value, style in match(value).map { section.write($0, style) } }
    }
}
