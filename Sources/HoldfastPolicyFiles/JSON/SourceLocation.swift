/// Where in which document a value stands, for what can only be said about it after the document was read.
///
/// It is no part of what was read: any two are equal, so that two documents that mean the same are.
package struct SourceLocation: Hashable, Sendable {
    let source: SourceText?
    package let position: SourcePosition
    let path: DocumentPath

    init(source: SourceText, position: SourcePosition, path: DocumentPath) {
        self.source = source
        self.position = position
        self.path = path
    }

    /// Of a value that was made in code.
    private init() {
        source = nil
        position = .start
        path = .root
    }

    /// Nowhere: the value was made in code.
    package static let code = SourceLocation()

    /// The file as its reader was given it; empty for a value that was made in code.
    package var file: String { source?.file ?? "" }

    /// The place as another finding names it: `policies.a on line 2`, with the file if that is another one.
    func words(from other: SourceLocation) -> String {
        file == other.file ? "\(path) on line \(position.line)" : "\(path) in \(file):\(position.line):\(position.column)"
    }

    package func error(_ message: String) -> Diagnostic { finding(.error, message) }

    package func warning(_ message: String) -> Diagnostic { finding(.warning, message) }

    private func finding(_ severity: Diagnostic.Severity, _ message: String) -> Diagnostic {
        guard let source else { return Diagnostic(file: "", message: message, severity: severity) }
        return Diagnostic(source: source, position: position, path: path.description, message: message, severity: severity)
    }

    package static func == (left: SourceLocation, right: SourceLocation) -> Bool { true }

    package func hash(into hasher: inout Hasher) {}
}

extension ValueReader {
    package var location: SourceLocation {
        SourceLocation(source: source, position: node.position, path: documentPath)
    }
}
