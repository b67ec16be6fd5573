/// How one value is written in a document: to read it, to write it, and to describe it.
struct Form<Value>: Sendable {
    let shape: Shape
    /// Reports what is wrong, and returns nil then.
    let read: @Sendable (ValueReader) -> Value?
    let write: @Sendable (Value, WriteStyle) -> JSONText

    init(
        _ shape: Shape, read: @escaping @Sendable (ValueReader) -> Value?,
        write: @escaping @Sendable (Value, WriteStyle) -> JSONText
    ) {
        self.shape = shape
        self.read = read
        self.write = write
    }
}

/// How much of a document is written.
enum WriteStyle: Sendable {
    /// What differs from the defaults.
    case brief
    /// Every setting.
    case complete
}

extension Form {
    /// An object with these members.
    static func section(_ section: Section<Value>) -> Form {
        Form(.object(section.shape), read: { $0.unit(section.what, section.read) }, write: { .object(section.write($0, $1)) })
    }

    /// An object for some values, and something plain for the others.
    static func either<Plain>(
        _ plain: Form<Plain>, or section: Section<Value>, make: @escaping @Sendable (Plain) -> Value,
        match: @escaping @Sendable (Value) -> Plain?
    ) -> Form {
        let object = Form.section(section)
        return Form(.anyOf([plain.shape, object.shape])) { reader in
            reader.isObject ? object.read(reader) : plain.read(reader).map(make)
        } write: { value, style in
            match(value).map { plain.write($0, style) } ?? object.write(value, style)
        }
    }

    /// `form`, or null for nil.
    static func nullable<Wrapped>(_ form: Form<Wrapped>, null meaning: String) -> Form where Value == Wrapped? {
        Form(.anyOf([form.shape, .null(meaning)])) { reader in
            if reader.isNull { return .some(nil) }
            return form.read(reader).map { .some($0) }
        } write: { value, style in
            value.map { form.write($0, style) } ?? .null
        }
    }

    /// An array. An element that is wrong is left out; it has been reported.
    ///
    /// - Parameter what: what the elements are, to end the sentence "expected an array of ...".
    static func list<Element>(_ form: Form<Element>, _ what: String) -> Form where Value == [Element] {
        Form(.list(form.shape)) { reader in
            reader.array(what)?.compactMap(form.read)
        } write: { elements, style in
            .array(elements.map { form.write($0, style) })
        }
    }
}
