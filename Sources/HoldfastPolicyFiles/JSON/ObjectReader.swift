/// The members of one object; remembers which keys were asked for, so that `finish()` can report the rest.
package final class ObjectReader {
    /// A member of an object that is a map: its key is data.
    package struct Member {
        package let key: String
        /// A reader that stands at the key, to report what is wrong with it.
        package let keyReader: ValueReader
        package let value: ValueReader
    }

    /// The object as a value, to report at its beginning.
    package let reader: ValueReader
    private let objectMembers: [JSONMember]
    /// What holds for keys that the object lacks; nil for nothing.
    private var base: ObjectReader?
    /// Whether what holds for keys that the object lacks could not be found.
    private var lacksBase = false
    /// In the order in which they were asked for; some more than once.
    private var known: [String] = []
    private var isMap = false
    private var missing: [(keys: [String], message: String)] = []

    init(_ reader: ValueReader, members: [JSONMember]) {
        self.reader = reader
        self.objectMembers = members
    }

    /// Takes the keys that the object lacks from another one; nil if that could not be found, which has been reported.
    func inherit(from base: ObjectReader?) {
        self.base = base
        lacksBase = base == nil
    }

    /// The value of a key; reports it at the object's beginning if it is missing.
    package func required(_ key: String) -> ValueReader? {
        if let value = optional(key) { return value }
        reportMissing([key], "missing key \(quoted(key))")
        return nil
    }

    /// The value of a key, or nil if it is not there. An explicit `null` is there.
    package func optional(_ key: String) -> ValueReader? {
        known.append(key)
        return value(of: key)
    }

    /// Whether the value of a key has been reported as wrong although it is well written.
    func isRefused(_ key: String) -> Bool {
        guard reader.document.hasRefused else { return false }
        guard let value = value(of: key) else { return reader.document.isRefused(reader.documentPath[key], in: reader.source) }
        return reader.document.isRefused(value.documentPath, in: value.source)
    }

    func containsAny(of keys: [String]) -> Bool {
        known += keys
        return keys.contains { value(of: $0) != nil }
    }

    package func contains(_ key: String) -> Bool {
        optional(key) != nil
    }

    /// All members in the order of the file, for an object whose keys are data; none of them is unknown then.
    package var members: [Member] {
        isMap = true
        return objectMembers.map(member)
    }

    /// All members in the order of the file, to look at; they stay as unknown as they are.
    package var peek: [Member] { objectMembers.map(member) }

    /// The one member that says which kind a value is, such as `count` or `time` of a window.
    ///
    /// - Parameters:
    ///   - keys: the kinds to choose from.
    ///   - unsupported: kinds that the format has and this version does not.
    package func exactlyOne(of keys: [String], unsupported: [String] = []) -> (key: String, value: ValueReader)? {
        known += keys
        let isChoice = { (member: JSONMember) in keys.contains(member.key) || unsupported.contains(member.key) }
        let present = objectMembers.filter(isChoice).map(member)
        if present.isEmpty, let base, base.objectMembers.contains(where: isChoice) {
            return base.exactlyOne(of: keys, unsupported: unsupported)
        }
        guard let choice = present.first else {
            reportMissing(keys, "missing one of the keys \(Spelling.list(keys))")
            return nil
        }
        for extra in present.dropFirst() where extra.key != choice.key {
            extra.keyReader.fail("stands beside \(quoted(choice.key)); give only one of \(Spelling.list(keys, or: "and"))")
        }
        guard keys.contains(choice.key) else {
            report(choice, asUnsupportedAmong: keys)
            known.append(choice.key)
            return nil
        }
        return (choice.key, choice.value)
    }

    /// Reports each key that nobody asked for, with the nearest known one.
    ///
    /// - Parameter unsupported: keys that the format has and this version does not.
    package func finish(unsupported: [String] = []) {
        reportUnknown(unsupported)
    }

    /// - Returns: the keys that were probably meant.
    @discardableResult
    private func reportUnknown(_ unsupported: [String]) -> [String] {
        guard !isMap else { return [] }
        // What the heir knows, the other may hold.
        base?.known += known
        var meant = base?.reportUnknown(unsupported) ?? []
        meant.forEach(withdrawMissing)
        for member in objectMembers where !known.contains(member.key) {
            guard !reader.document.isFull else { break }
            let known = distinctKnown
            let member = self.member(member)
            if unsupported.contains(member.key) {
                report(member, asUnsupportedAmong: known)
            } else if let nearest = Spelling.nearest(to: member.key, among: known + unsupported) {
                meant.append(nearest)
                withdrawMissing(nearest)
                member.keyReader.fail("unknown key; did you mean \(quoted(nearest))?")
            } else {
                member.keyReader.fail(known.isEmpty ? "unknown key; expected none" : "unknown key; expected \(Spelling.list(known))")
            }
        }
        return meant
    }

    private var distinctKnown: [String] {
        var seen: Set<String> = []
        return known.filter { seen.insert($0).inserted }
    }

    private func reportMissing(_ keys: [String], _ message: String) {
        guard !lacksBase else { return }  // it may have them
        missing.append((keys, message))
        reader.fail(message)
    }

    /// One slip, one error: a misspelt key is not missing too.
    private func withdrawMissing(_ key: String) {
        for report in missing where report.keys.contains(key) {
            reader.document.withdraw(path: reader.documentPath, in: reader.source, report.message)
        }
    }

    private func value(of key: String) -> ValueReader? {
        guard let member = objectMembers.first(where: { $0.key == key }) else { return base?.optional(key) }
        return reader.child(member.node, at: reader.documentPath[key])
    }

    private func member(_ member: JSONMember) -> Member {
        let path = reader.documentPath[member.key]
        let keyNode = JSONNode(value: .string(member.key), position: member.keyPosition)
        return Member(
            key: member.key,
            keyReader: reader.child(keyNode, at: path), value: reader.child(member.node, at: path)
        )
    }

    private func report(_ member: Member, asUnsupportedAmong supported: [String]) {
        let right = supported.isEmpty ? "" : "; it supports \(Spelling.list(supported, or: "and"))"
        member.keyReader.fail("not supported by this version yet\(right)")
    }
}
