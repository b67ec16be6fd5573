/// Settings that elements of one kind take over by name.
struct ElementDefaults {
    /// What each element has for itself.
    static let ownKeys = ["name", "defaults"]

    let kind: String
    /// The settings.
    let reader: ValueReader
    var isUsed = false

    /// Reads the `defaults` of a document: objects with the kind as the only key, by name.
    static func collect(_ reader: ValueReader, in document: DocumentReader) {
        for member in reader.object("defaults by name")?.members ?? [] {
            if let problem = NameRule.problem(with: member.key) { member.keyReader.fail(problem) }
            guard let object = member.value.object("the settings of one kind") else { continue }
            let choice = object.exactlyOne(of: ElementDraft.kinds.map(\.name))
            object.finish()
            guard let choice, let settings = choice.value.object("the settings of one \(choice.key)") else { continue }
            for own in settings.peek where ownKeys.contains(own.key) {
                own.keyReader.fail("each element has its own \(quoted(own.key)); defaults hold none")
            }
            let defaults = ElementDefaults(kind: choice.key, reader: choice.value)
            if let other = document.defaults.updateValue(defaults, forKey: member.key)?.reader.location,
                other.file != member.keyReader.location.file
            {
                member.keyReader.fail(
                    "the defaults \(quoted(member.key)) are also \(other.words(from: member.keyReader.location)); give others a name of their own"
                )
            }
        }
    }
}

extension DocumentReader {
    /// Lets an element take over the defaults that it names.
    func applyDefaults(to object: ObjectReader, kind: String) {
        guard let reader = object.optional("defaults"), let name = reader.string("the name of defaults") else { return }
        object.inherit(from: settings(of: name, kind: kind, at: reader))
    }

    private func settings(of name: String, kind: String, at reader: ValueReader) -> ObjectReader? {
        guard let found = defaults[name] else {
            reader.fail("there are no defaults \(quoted(name)); \(Spelling.advice(for: name, among: defaults.keys.sorted()))")
            return nil
        }
        guard found.kind == kind else {
            reader.fail("the defaults \(quoted(name)) are those of a \(found.kind); expected defaults of a \(kind)")
            return nil
        }
        defaults[name]?.isUsed = true
        return found.reader.object("the settings of one \(kind)")
    }

    /// Nothing has looked at what nobody uses.
    func warnOfUnusedDefaults() {
        guard errorCount == 0 else { return }  // a use of them may be what is wrong
        for (name, unused) in defaults where !unused.isUsed {
            unused.reader.warn("nothing uses the defaults \(quoted(name)), so they have not been checked")
        }
    }
}
