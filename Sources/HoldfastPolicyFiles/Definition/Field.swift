/// A part of an object: one key and its value, or a choice of several keys.
///
/// A class, since the fields of a section are taken out of it each time it is read: one reference costs less than the three in it.
final class Field<Root, Value>: Sendable {
    let shapes: [MemberShape]
    /// Nil if what stands there is wrong or missing, which has been reported, and nothing can stand in for it.
    let read: @Sendable (ObjectReader) -> Value?
    let write: @Sendable (Root, WriteStyle) -> [(String, JSONText)]

    init(
        shapes: [MemberShape], read: @escaping @Sendable (ObjectReader) -> Value?,
        write: @escaping @Sendable (Root, WriteStyle) -> [(String, JSONText)]
    ) {
        self.shapes = shapes
        self.read = read
        self.write = write
    }
}

extension Field where Value: Sendable {
    /// A key that must be there.
    ///
    /// - Parameters:
    ///   - standIn: takes the place of a value that is refused, so that the rest can be checked; it must agree with any other value,
    ///     or one mistake would look like two.
    ///   - get: finds the value in what it is a setting of.
    static func required(
        _ key: String, _ form: Form<Value>, standIn: Value? = nil, _ get: @escaping @Sendable (Root) -> Value, _ summary: String
    ) -> Field {
        let shape = FieldShape(key: key, shape: form.shape, isRequired: true, fallback: nil, summary: summary)
        return Field(shapes: [.field(shape)]) { object in
            let value = object.required(key)
            return object.isRefused(key) ? standIn : value.flatMap(form.read) ?? standIn
        } write: { root, style in
            [(key, form.write(get(root), style))]
        }
    }

    /// A key that may be missing, and the value that holds then.
    static func defaulted(
        _ key: String, _ form: Form<Value>, default standard: Value, standIn: Value? = nil, _ get: @escaping @Sendable (Root) -> Value,
        _ summary: String
    ) -> Field where Value: Equatable {
        let text = form.write(standard, .brief)
        let shape = FieldShape(key: key, shape: form.shape, isRequired: false, fallback: .value(text), summary: summary)
        return Field(shapes: [.field(shape)]) { object in
            let value = object.optional(key)
            if object.isRefused(key) { return standIn ?? standard }
            return value.map { form.read($0) ?? standIn ?? standard } ?? standard
        } write: { root, style in
            let value = get(root)
            return style == .brief && value == standard ? [] : [(key, form.write(value, style))]
        }
    }

    /// A key that may be missing, which means something of its own.
    ///
    /// - Parameters:
    ///   - meaning: what holds when the key is missing, in a few words.
    ///   - complete: the value that holds when the key is missing, if there is one that can be written.
    static func optional<Wrapped>(
        _ key: String, _ form: Form<Wrapped>, absent meaning: String, _ get: @escaping @Sendable (Root) -> Wrapped?,
        complete: (@Sendable (Root) -> Wrapped)? = nil, _ summary: String
    ) -> Field where Value == Wrapped? {
        let shape = FieldShape(key: key, shape: form.shape, isRequired: false, fallback: .words(meaning), summary: summary)
        return Field(shapes: [.field(shape)]) { object in
            let value = object.optional(key)
            return .some(object.isRefused(key) ? nil : value.flatMap(form.read))
        } write: { root, style in
            let value = get(root) ?? (style == .complete ? complete?(root) : nil)
            return value.map { [(key, form.write($0, style))] } ?? []
        }
    }

    /// One of several keys, which says what kind the object is.
    static func choice(
        _ alternatives: [Alternative<Value>], standIn: Value? = nil, _ get: @escaping @Sendable (Root) -> Value
    ) -> Field {
        let keys = alternatives.compactMap(\.shape.key)
        let rest = alternatives.first { $0.shape.key == nil }
        return Field(shapes: [.choice(alternatives.map(\.shape))]) { object in
            if let rest, !object.containsAny(of: keys) { return rest.read(object) ?? standIn }
            guard let choice = object.exactlyOne(of: keys) else { return standIn }
            return alternatives.first { $0.shape.key == choice.key }?.read(object) ?? standIn
        } write: { root, style in
            let value = get(root)
            return alternatives.lazy.compactMap { $0.write(value, style) }.first ?? []
        }
    }

    /// The members of a section that stand in the same object.
    static func inline(_ section: Section<Value>, _ get: @escaping @Sendable (Root) -> Value) -> Field {
        Field(shapes: section.shape.members, read: section.read, write: { section.write(get($0), $1) })
    }
}
