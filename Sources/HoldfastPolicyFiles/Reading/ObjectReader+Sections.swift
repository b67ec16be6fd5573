import Holdfast

extension ObjectReader {
    /// The value of a key that holds an object, read as a unit.
    ///
    /// - Parameters:
    ///   - key: the key; it may be missing.
    ///   - what: what the object holds, to end the sentence "expected an object with ...".
    ///   - unsupported: keys that the format has and this version does not.
    ///   - read: reads the members.
    /// - Returns: nil if the key is missing or anything in the object was wrong: half a unit would only cause errors that confuse.
    func section<Value>(
        _ key: String, _ what: String, unsupported: [String] = [], _ read: (ObjectReader) -> Value?
    ) -> Value? {
        guard let value = optional(key) else { return nil }
        return value.unit(what, unsupported: unsupported, read)
    }

    /// Lets the core check a configuration, and reports what it refuses at the field that causes it.
    ///
    /// The core stops at its first objection. To find them all, the refused setting is left out and the configuration is made
    /// again, for as long as something new is found.
    ///
    /// - Parameters:
    ///   - section: what the core calls this object within a larger configuration, such as `budget`.
    ///   - make: makes the configuration; each setting passes through `Accepted`, which drops the refused ones; what stands in
    ///     for them must be valid.
    func configuration<Value>(within section: String? = nil, _ make: (Accepted) throws(ConfigurationError) -> Value) -> Value? {
        var accepted = Accepted()
        while true {
            do {
                let value = try make(accepted)
                return accepted.refused.isEmpty ? value : nil
            } catch {
                let prefix = section.map { "\($0)." } ?? ""
                let field = error.field.hasPrefix(prefix) ? String(error.field.dropFirst(prefix.count)) : error.field
                guard accepted.refused.insert(field).inserted else { return nil }
                report(ConfigurationError(field, error.value, error.problem))
            }
        }
    }

    /// The settings that the core has not refused yet.
    struct Accepted {
        fileprivate(set) var refused: Set<String> = []

        /// The setting, unless the core refused it or a part of it.
        func callAsFunction<Value>(_ field: String, _ value: Value?) -> Value? {
            refused.contains { $0 == field || $0.hasPrefix("\(field).") } ? nil : value
        }
    }

    private func report(_ error: ConfigurationError) {
        let (target, isThere) = reader.descendant(error.field)
        // In the words of the file ("2s", not "2.0 seconds") if the value stands there.
        target.fail(isThere ? "\(target.node.jsonText) \(error.problem)" : "\(error.field), \(error.value), \(error.problem)")
    }
}

extension ValueReader {
    /// This object, read as a unit; nil if anything in it was wrong.
    func unit<Value>(_ what: String, unsupported: [String] = [], _ read: (ObjectReader) -> Value?) -> Value? {
        let errorsBefore = document.errorCount
        guard let object = object(what) else { return nil }
        let value = read(object)
        object.finish(unsupported: unsupported)
        return document.errorCount == errorsBefore ? value : nil
    }

    /// The value at a path such as `rules[0].on` below this one, or the nearest one above it that is there.
    fileprivate func descendant(_ path: String) -> (reader: ValueReader, isThere: Bool) {
        var current = self
        for step in path.split(whereSeparator: { ".[]".contains($0) }) {
            guard let next = current.child(String(step)) else { return (current, false) }
            current = next
        }
        return (current, true)
    }

    private func child(_ step: String) -> ValueReader? {
        switch node.value {
        case .object(let members):
            guard let member = members.first(where: { $0.key == step }) else { return nil }
            return ValueReader(node: member.node, documentPath: documentPath[member.key], document: document)
        case .array(let elements):
            guard let index = Int(step), elements.indices.contains(index) else { return nil }
            return ValueReader(node: elements[index], documentPath: documentPath[index], document: document)
        case .null, .bool, .number, .string: return nil
        }
    }
}
