/// One member of an object whose keys are data.
struct Entry<Key: Sendable, Value: Sendable>: Sendable {
    let key: Key
    /// Where the key stands.
    let location: SourceLocation
    let value: Value
}

extension Form {
    /// An object whose keys are data. A member that is wrong is left out; it has been reported.
    ///
    /// - Parameters:
    ///   - what: what the members are, to end the sentence "expected an object with ...".
    ///   - pattern: a regular expression that the keys match, for the schema.
    ///   - name: the key as it is written.
    ///   - key: makes a key of its text, and reports one that is wrong.
    static func map<Key, Member>(
        _ what: String, keys pattern: String, name: @escaping @Sendable (Key) -> String, _ form: Form<Member>,
        key: @escaping @Sendable (ObjectReader.Member) -> Key?
    ) -> Form where Value == [Entry<Key, Member>] {
        Form(.map(form.shape, keys: pattern)) { reader in
            reader.object(what)?.members.compactMap { member in
                let key = key(member)
                guard let value = form.read(member.value), let key else { return nil }
                return Entry(key: key, location: member.keyReader.location, value: value)
            }
        } write: { entries, style in
            .object(entries.map { (name($0.key), form.write($0.value, style)) })
        }
    }
}
