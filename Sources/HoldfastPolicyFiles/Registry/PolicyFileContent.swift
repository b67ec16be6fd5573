import HoldfastRPC

/// What policy files held when they were looked at: their bytes, or why they could not be had.
enum PolicyFileContent: Hashable, Sendable {
    /// The bytes of the only file.
    case file([UInt8])
    /// The files of a folder, or of several paths, which together are one document.
    case files([File])
    case unreadable([Diagnostic])

    /// One of several files.
    struct File: Hashable, Sendable {
        let name: String
        let bytes: [UInt8]
    }

    /// Reads files and folders; blocks.
    init(paths: [String]) {
        do {
            let texts = try DocumentReader.load(paths: paths)
            self = texts.map(\.file) == paths && texts.count == 1 ? .file(texts[0].bytes) : .files(texts.map(File.init))
        } catch {
            self = .unreadable(error.diagnostics)
        }
    }

    /// Whether one write changes all of it; what stands in several files is changed one after the other.
    var changesAtOnce: Bool {
        if case .files = self { false } else { true }
    }

    /// The document in it.
    /// - Throws: ``DocumentError`` with all that is wrong with it, fallback values for `methods` included.
    func document(paths: [String], methods: [AnyRPCMethod]) throws(DocumentError) -> PolicyDocument {
        let texts: [SourceText]
        switch self {
        case .file(let bytes): texts = paths.map { SourceText(file: $0, bytes: bytes) }
        case .files(let files): texts = files.map { SourceText(file: $0.name, bytes: $0.bytes) }
        case .unreadable(let diagnostics): throw DocumentError(diagnostics)
        }
        return try PolicyDocument(paths: paths, texts, methods: methods)
    }
}

extension PolicyFileContent.File {
    fileprivate init(_ text: SourceText) {
        self.init(name: text.file, bytes: text.bytes)
    }
}
