/// What a policy file held when it was looked at: its bytes, or why they could not be had.
enum PolicyFileContent: Hashable, Sendable {
    case bytes([UInt8])
    case unreadable([Diagnostic])

    /// Reads a file; blocks.
    init(path: String) {
        do {
            self = .bytes(try DocumentReader.load(path: path))
        } catch {
            self = .unreadable(error.diagnostics)
        }
    }

    /// The document in it.
    /// - Throws: ``DocumentError`` with all that is wrong with it.
    func document(file: String) throws(DocumentError) -> PolicyDocument {
        switch self {
        case .bytes(let bytes): return try PolicyDocument(file: file, bytes: bytes)
        case .unreadable(let diagnostics): throw DocumentError(diagnostics)
        }
    }
}
