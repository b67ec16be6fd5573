import HoldfastPolicyFiles

extension ObjectReader {
    /// The value of a key that may be missing; nil when it stands there and is wrong.
    func value<Value>(_ key: String, default missing: Value, _ read: (ValueReader) -> Value?) -> Value? {
        guard let reader = optional(key) else { return missing }
        return read(reader)
    }
}

extension ValueReader {
    /// The value whose name stands here, of a list of which this version has only a part.
    ///
    /// - Parameter unsupported: names that the format has and this version does not.
    func choice<Value>(_ cases: KeyValuePairs<String, Value>, unsupported: [String]) -> Value? {
        if case .string(let name) = node.value, unsupported.contains(name) {
            fail("\(quoted(name)) is not supported by this version yet; it supports \(Spelling.list(cases.map(\.key), or: "and"))")
            return nil
        }
        return oneOf(cases)
    }

    /// A name that can stand in references, file names and on a terminal line.
    func identifier() -> String? {
        guard let text = string("a name") else { return nil }
        let isPlain = text.unicodeScalars.allSatisfy { scalar in
            scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) || scalar == "-" || scalar == "_")
        }
        guard isPlain, text.utf8.count <= 64 else {
            fail("\(quoted(text)) is not a name; use up to 64 letters, digits, \"-\" and \"_\"")
            return nil
        }
        return text
    }

    /// The name of something that stands elsewhere in the scenario.
    ///
    /// - Parameters:
    ///   - what: What it names: `service`.
    ///   - known: The names there are; nil if they could not be read, which was reported there.
    func reference(_ what: String, among known: [String]?) -> String? {
        guard let name = string("the name of a \(what)"), let known else { return nil }
        if known.contains(name) { return name }
        let suggestion = Spelling.nearest(to: name, among: known).map { "did you mean \(quoted($0))?" }
        let others = known.isEmpty ? "there are none" : "there is \(Spelling.list(known, or: "and"))"
        fail("there is no \(what) \(quoted(name)); \(suggestion ?? others)")
        return nil
    }
}
