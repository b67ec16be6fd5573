/// A cursor at one value of a document.
///
/// Each accessor returns the value as the type asked for, or reports what was expected and returns nil, so that a caller goes on
/// and finds all errors of a file in one run.
package struct ValueReader {
    package let node: JSONNode
    let documentPath: DocumentPath
    let source: SourceText
    let document: DocumentReader

    /// The path of the value in its document, as diagnostics show it.
    package var path: String { documentPath.description }

    /// Whether the value was not understood, which has been reported.
    package var isBroken: Bool { node.isBroken }

    package var isNull: Bool {
        if case .null = node.value { true } else { false }
    }

    package var isObject: Bool {
        if case .object = node.value { true } else { false }
    }

    package var isString: Bool {
        if case .string = node.value { true } else { false }
    }

    /// Reports an error at this value: what is wrong and what would be right.
    package func fail(_ message: String) {
        if node.isBroken { return document.countError() }
        document.report(.error, at: self, message)
    }

    /// Reports a doubt about this value; the document stays usable.
    package func warn(_ message: String) {
        document.report(.warning, at: self, message)
    }

    /// The members of an object.
    ///
    /// - Parameter what: what the object holds, to end the sentence "expected an object with ...".
    package func object(_ what: String) -> ObjectReader? {
        guard case .object(let members) = node.value else { return mismatch("an object with \(what)") }
        return ObjectReader(self, members: members)
    }

    /// The elements of an array.
    ///
    /// - Parameter what: what the elements are, to end the sentence "expected an array of ...".
    package func array(_ what: String) -> [ValueReader]? {
        guard case .array(let elements) = node.value else { return mismatch("an array of \(what)") }
        return elements.enumerated().map { child($0.element, at: documentPath[$0.offset]) }
    }

    /// A value within this one.
    func child(_ node: JSONNode, at path: DocumentPath) -> ValueReader {
        ValueReader(node: node, documentPath: path, source: source, document: document)
    }

    /// The value of an object's only member; the object itself if it has none.
    var onlyMember: ValueReader {
        guard case .object(let members) = node.value, let member = members.first else { return self }
        return child(member.node, at: documentPath[member.key])
    }

    /// Reports "expected ..., found ..." with what really stands here, and advice on it if there is any.
    package func mismatch<Value>(_ expectation: String, _ advice: String? = nil) -> Value? {
        fail("expected \(expectation), found \(node.noun)\(advice.map { "; \($0)" } ?? "")")
        return nil
    }
}
