/// Where in which file a value stands, for what can only be said about it after the file was read.
package struct SourceLocation: Hashable, Sendable {
    let file: String
    let position: SourcePosition
    let path: DocumentPath

    func error(_ message: String) -> Diagnostic {
        Diagnostic(file: file, position: position, path: path.description, message: message)
    }
}

extension ValueReader {
    package var location: SourceLocation {
        SourceLocation(file: document.file, position: node.position, path: documentPath)
    }
}
