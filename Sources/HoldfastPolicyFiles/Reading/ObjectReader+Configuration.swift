import Holdfast

extension ObjectReader {
    /// Lets the core check a configuration, and reports what it refuses at the field that causes it.
    ///
    /// The core stops at its first objection. To find them all, the configuration is made again, with something else in place of what was
    /// refused, for as long as something new is found.
    ///
    /// - Parameters:
    ///   - section: what the core calls this object within a larger configuration, such as `budget`.
    ///   - make: reads the fields and makes the configuration; nil if that cannot be done.
    func configuration<Value>(
        within section: String? = nil, _ make: () throws(ConfigurationError) -> Value?
    ) -> Value? {
        let errorsBefore = reader.document.errorCount
        do {
            return try make()
        } catch {
            // What is wrong with the whole is perhaps so only because of what is wrong with its parts.
            if error.field.isEmpty {
                if reader.document.errorCount == errorsBefore { reader.fail(error.problem) }
                return nil
            }
            var refusal = error
            while true {
                let prefix = section.map { "\($0)." } ?? ""
                let field = refusal.field.hasPrefix(prefix) ? String(refusal.field.dropFirst(prefix.count)) : refusal.field
                guard report(ConfigurationError(field, refusal.value, refusal.problem)) else { return nil }
                do {
                    // What is wrong with the fields otherwise has been reported the first time.
                    return try reader.document.muted(make)
                } catch {
                    refusal = error
                }
            }
        }
    }

    /// - Returns: false if that was refused before.
    private func report(_ error: ConfigurationError) -> Bool {
        let (target, isThere) = descendant(error.field)
        guard reader.document.refuse(isThere ? target.path : "\(reader.path).\(error.field)", in: target.source) else { return false }
        // In the words of the file ("2s", not "2.0 seconds") if the value stands there.
        target.fail(isThere ? "\(target.node.words) \(error.problem)" : "\(error.field), \(error.value), \(error.problem)")
        return true
    }

    /// The value at a path such as `rules[0].on` in this object, or the nearest one above it that is there.
    private func descendant(_ path: String) -> (reader: ValueReader, isThere: Bool) {
        var steps = path.split { ".[]".contains($0) }.map(String.init)[...]
        guard let first = steps.popFirst(), var current = optional(first) else { return (reader, false) }
        while let step = steps.popFirst() {
            guard let next = current.child(step) else { return (current, false) }
            current = next
        }
        return (current, true)
    }
}

extension ValueReader {
    /// This object, read as a unit; nil if anything in it was wrong: half a unit would only cause errors that confuse.
    func unit<Value>(_ what: String, unsupported: [String] = [], _ read: (ObjectReader) -> Value?) -> Value? {
        let errorsBefore = document.errorCount
        guard let object = object(what) else { return nil }
        let value = read(object)
        object.finish(unsupported: unsupported)
        return document.errorCount == errorsBefore ? value : nil
    }

    fileprivate func child(_ step: String) -> ValueReader? {
        switch node.value {
        case .object(let members):
            return members.first { $0.key == step }.map { child($0.node, at: documentPath[$0.key]) }
        case .array(let elements):
            guard let index = Int(step), elements.indices.contains(index) else { return nil }
            return child(elements[index], at: documentPath[index])
        case .null, .bool, .number, .string: return nil
        }
    }
}
