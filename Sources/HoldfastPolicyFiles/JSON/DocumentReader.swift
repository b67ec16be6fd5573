/// Reads one JSON document and collects all that is wrong with it.
package final class DocumentReader {
    /// The largest document that is read, in bytes.
    package static let maximumSize = 16 << 20

    /// The most findings that are kept; a file with more is not worth listing further.
    private static let maximumDiagnostics = 1000

    let file: String
    private var diagnostics: [Diagnostic] = []

    private init(file: String) {
        self.file = file
    }

    /// Parses `bytes` and lets `body` make a value of them.
    ///
    /// - Parameters:
    ///   - file: the name that diagnostics give to the document.
    ///   - warnings: takes the warnings of a document that was accepted, in order of position.
    ///   - body: reads the document; it reports through its reader and returns nil when it could not go on.
    /// - Throws: all findings, in order of position, if at least one is an error.
    package static func read<Value>(
        file: String, bytes: [UInt8], warnings: ([Diagnostic]) -> Void = { _ in }, _ body: (ValueReader) -> Value?
    ) throws(DocumentError) -> Value {
        let reader = DocumentReader(file: file)
        let value = reader.parse(bytes).flatMap { root in
            reader.reportDuplicateKeys(in: root, path: .root)
            return body(ValueReader(node: root, documentPath: .root, document: reader))
        }
        let findings = reader.sortedDiagnostics
        guard let value, !findings.contains(where: { $0.severity == .error }) else {
            throw DocumentError(findings.isEmpty ? [Diagnostic(file: file, message: "the document could not be read")] : findings)
        }
        warnings(findings)
        return value
    }

    func report(_ severity: Diagnostic.Severity, at position: SourcePosition, path: DocumentPath, _ message: String) {
        guard !isFull else { return }
        diagnostics.append(
            Diagnostic(file: file, position: position, path: path.description, message: message, severity: severity)
        )
    }

    /// Takes back the report that a key is missing, once a misspelling of it has turned up.
    func withdraw(path: DocumentPath, _ message: String) {
        diagnostics.removeAll { $0.path == path.description && $0.message == message }
    }

    var errorCount: Int { diagnostics.count { $0.severity == .error } }

    var isFull: Bool { diagnostics.count >= Self.maximumDiagnostics }

    private var sortedDiagnostics: [Diagnostic] {
        // The sort is stable, so findings at one place keep the order in which they were made.
        diagnostics.sorted { ($0.line, $0.column) < ($1.line, $1.column) }
    }

    private func parse(_ bytes: [UInt8]) -> JSONNode? {
        guard bytes.count <= Self.maximumSize else {
            diagnostics.append(Diagnostic(file: file, message: Self.tooLarge))
            return nil
        }
        do {
            return try JSONParser.parse(bytes)
        } catch {
            report(.error, at: error.position, path: .root, error.message)
            return nil
        }
    }

    private func reportDuplicateKeys(in node: JSONNode, path: DocumentPath) {
        switch node.value {
        case .array(let elements):
            for (index, element) in elements.enumerated() where element.isContainer {
                reportDuplicateKeys(in: element, path: path[index])
            }
        case .object(let members):
            var seen: [String: SourcePosition] = [:]
            for member in members {
                if let first = seen[member.key] {
                    report(
                        .error, at: member.keyPosition, path: path[member.key],
                        "the key stands twice, first at \(first.line):\(first.column); remove one")
                } else {
                    seen[member.key] = member.keyPosition
                }
                if member.node.isContainer { reportDuplicateKeys(in: member.node, path: path[member.key]) }
            }
        case .null, .bool, .number, .string:
            break
        }
    }

    static let tooLarge = "the file is larger than \(maximumSize >> 20) MiB"
}
