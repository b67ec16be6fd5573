/// Reads JSON documents and collects all that is wrong with them.
package final class DocumentReader {
    /// The largest document that is read, in bytes.
    package static let maximumSize = 16 << 20

    /// The most findings that are kept; a file with more is not worth listing further.
    private static let maximumDiagnostics = 1000

    /// What references to variables stand for; nil for documents that have none.
    private let environment: PolicyEnvironment?
    /// Keys in whose values there are none.
    private let literalKeys: Set<String>
    private var findings: [Finding] = []
    private var muteDepth = 0
    /// Fields that are wrong although they are well written, by file and path: what stands in for them is read instead.
    private var refused: Set<String> = []
    /// How many errors there were, those that were not worth reporting again included.
    private(set) var errorCount = 0
    /// The named defaults of all documents together.
    var defaults: [String: ElementDefaults] = [:]
    /// The names of the policies of all documents together; nil while they are not known.
    var policyNames: PolicyNames?

    private struct Finding {
        let source: Int
        let diagnostic: Diagnostic
        let offset: Int
    }

    private var sources: [ObjectIdentifier: Int] = [:]

    private init(environment: PolicyEnvironment?, literalKeys: Set<String>) {
        self.environment = environment
        self.literalKeys = literalKeys
    }

    /// Parses `bytes` and lets `body` make a value of them.
    ///
    /// - Parameters:
    ///   - file: the name that diagnostics give to the document.
    ///   - environment: what references such as `"${RPS}"` stand for; nil to take them for ordinary text.
    ///   - literalKeys: keys in whose values they are ordinary text all the same.
    ///   - warnings: takes the warnings of a document that was accepted, in order of position.
    ///   - body: reads the document; it reports through its reader and returns nil when it could not go on.
    /// - Throws: all findings, in order of position, if at least one is an error.
    package static func read<Value>(
        file: String, bytes: [UInt8], environment: PolicyEnvironment? = nil, literalKeys: Set<String> = [],
        warnings: ([Diagnostic]) -> Void = { _ in }, _ body: (ValueReader) -> Value?
    ) throws(DocumentError) -> Value {
        try read([SourceText(file: file, bytes: bytes)], environment: environment, literalKeys: literalKeys, warnings: warnings) {
            roots, _ in body(roots[0])
        }
    }

    /// Parses several texts and lets `body` make one value of them.
    ///
    /// - Parameters:
    ///   - environment: what references such as `"${RPS}"` stand for; nil to take them for ordinary text.
    ///   - literalKeys: keys in whose values they are ordinary text all the same.
    static func read<Value>(
        _ texts: [SourceText], environment: PolicyEnvironment?, literalKeys: Set<String> = [], warnings: ([Diagnostic]) -> Void = { _ in },
        _ body: ([ValueReader], DocumentReader) -> Value?
    ) throws(DocumentError) -> Value {
        let reader = DocumentReader(environment: environment, literalKeys: literalKeys)
        for (number, text) in texts.enumerated() { reader.sources[ObjectIdentifier(text)] = number }
        let roots = texts.compactMap(reader.parse)
        // Half of the files would only cause errors about what the other half defines.
        let value = roots.count == texts.count ? body(roots, reader) : nil
        let findings = reader.sortedDiagnostics
        guard let value, !findings.contains(where: { $0.severity == .error }) else {
            let file = texts.first?.file ?? ""
            throw DocumentError(findings.isEmpty ? [Diagnostic(file: file, message: "the document could not be read")] : findings)
        }
        warnings(findings)
        return value
    }

    func report(
        _ severity: Diagnostic.Severity, at position: SourcePosition, in source: SourceText, path: DocumentPath, _ message: String
    ) {
        if severity == .error { errorCount += 1 }
        guard muteDepth == 0, !isFull else { return }
        let diagnostic = Diagnostic(
            source: source, position: position, path: path.description, message: message, severity: severity)
        // Named defaults are read as often as they are used.
        let isKnown = !defaults.isEmpty && findings.contains { $0.diagnostic == diagnostic }
        if !isKnown {
            findings.append(Finding(source: sources[ObjectIdentifier(source)] ?? 0, diagnostic: diagnostic, offset: position.offset))
        }
    }

    /// Reports about a value that was read before.
    func report(_ severity: Diagnostic.Severity = .error, at reader: ValueReader, _ message: String) {
        report(severity, at: reader.node.position, in: reader.source, path: reader.documentPath, message)
    }

    /// Reports about what was read before.
    func report(_ severity: Diagnostic.Severity = .error, at location: SourceLocation, _ message: String) {
        guard let source = location.source else { return }
        report(severity, at: location.position, in: source, path: location.path, message)
    }

    /// Takes note of an error that has been reported already, where it began.
    func countError() { errorCount += 1 }

    /// Takes back the report that a key is missing, once a misspelling of it has turned up.
    func withdraw(path: DocumentPath, in source: SourceText, _ message: String) {
        guard muteDepth == 0 else { return }
        let path = path.description
        findings.removeAll { $0.diagnostic.path == path && $0.diagnostic.message == message && $0.diagnostic.file == source.file }
    }

    var isFull: Bool { findings.count >= Self.maximumDiagnostics }

    private var sortedDiagnostics: [Diagnostic] {
        // The sort is stable, so findings at one place keep the order in which they were made.
        findings.sorted { ($0.source, $0.offset) < ($1.source, $1.offset) }.map(\.diagnostic)
    }

    private func parse(_ source: SourceText) -> ValueReader? {
        guard source.bytes.count <= Self.maximumSize else {
            errorCount += 1
            findings.append(
                Finding(
                    source: sources[ObjectIdentifier(source)] ?? 0, diagnostic: Diagnostic(file: source.file, message: Self.tooLarge),
                    offset: 0))
            return nil
        }
        var (node, errors) = JSONParser.read(source.bytes, JSONDialect(file: source.file))
        for error in errors { report(.error, at: error.position, in: source, path: .root, error.message) }
        if Self.repeatsKeys(node) { reportDuplicateKeys(in: node, source, path: .root) }
        if let environment, VariableReferences.mayOccur(in: source.bytes) {
            node = VariableReferences(environment: environment, source: source, document: self, literalKeys: literalKeys)
                .expand(node, path: .root)
        }
        return ValueReader(node: node, documentPath: .root, source: source, document: self)
    }

    private func reportDuplicateKeys(in node: JSONNode, _ source: SourceText, path: DocumentPath) {
        switch node.value {
        case .array(let elements):
            for (index, element) in elements.enumerated() where element.isContainer {
                reportDuplicateKeys(in: element, source, path: path[index])
            }
        case .object(let members):
            var seen: [String: SourcePosition] = [:]
            for member in members {
                if let first = seen.updateValue(member.keyPosition, forKey: member.key) {
                    seen[member.key] = first
                    report(
                        .error, at: member.keyPosition, in: source, path: path[member.key],
                        "the key stands twice, first at \(first.line):\(first.column); remove one")
                }
                if member.node.isContainer { reportDuplicateKeys(in: member.node, source, path: path[member.key]) }
            }
        case .null, .bool, .number, .string:
            break
        }
    }

    /// Whether there is anything to report: most documents are spared the paths that it takes.
    private static func repeatsKeys(_ node: JSONNode) -> Bool {
        switch node.value {
        case .array(let elements): return elements.contains { repeatsKeys($0) }
        case .object(let members):
            if members.count <= 12 {
                // Holding a few keys against each other costs less than hashing them.
                for index in members.indices where members[..<index].contains(where: { $0.key == members[index].key }) { return true }
            } else if Set(members.lazy.map(\.key)).count < members.count {
                return true
            }
            return members.contains { $0.node.isContainer && repeatsKeys($0.node) }
        case .null, .bool, .number, .string: return false
        }
    }

    static let tooLarge = "the file is larger than \(maximumSize >> 20) MiB"
}

// MARK: - Reading again what the core refused

extension DocumentReader {
    /// Leaves out the value at that path from now on.
    /// - Returns: false if it was left out before.
    func refuse(_ path: String, in source: SourceText) -> Bool {
        refused.insert("\(source.file)\n\(path)").inserted
    }

    /// Whether anything was left out.
    var hasRefused: Bool { !refused.isEmpty }

    func isRefused(_ path: DocumentPath, in source: SourceText) -> Bool {
        refused.contains("\(source.file)\n\(path)")
    }

    /// Does not report what `body` reports, because it has been.
    func muted<Value, Failure: Error>(_ body: () throws(Failure) -> Value) throws(Failure) -> Value {
        muteDepth += 1
        defer { muteDepth -= 1 }
        return try body()
    }
}
