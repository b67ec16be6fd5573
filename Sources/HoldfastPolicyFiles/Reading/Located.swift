/// A value and where it stands.
struct Located<Value: Sendable>: Sendable {
    let value: Value
    let location: SourceLocation
}

extension Located: Equatable where Value: Equatable {}

extension Form {
    /// The value of another form, and where it stands.
    static func located<Plain>(_ form: Form<Plain>) -> Form where Value == Located<Plain> {
        Form(form.shape) { reader in
            form.read(reader).map { Located(value: $0, location: reader.location) }
        } write: { located, style in
            form.write(located.value, style)
        }
    }
}
