#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

extension DocumentReader {
    /// How many files a directory may hold.
    private static let maximumFiles = 10_000

    /// Reads files, and of directories the files that look like documents.
    ///
    /// - Throws: what is wrong with the first that cannot be read.
    package static func load(paths: [String]) throws(DocumentError) -> [SourceText] {
        var texts: [SourceText] = []
        var size = 0
        for path in paths {
            for file in isDirectory(path) ? try files(in: path) : [path] {
                let text = SourceText(file: file, bytes: try load(path: file))
                size += text.bytes.count
                guard size <= maximumSize else {
                    throw DocumentError([
                        Diagnostic(file: file, message: "with this one the files are larger than \(maximumSize >> 20) MiB")
                    ])
                }
                texts.append(text)
            }
        }
        guard !texts.isEmpty else { throw DocumentError([Diagnostic(file: "", message: "no file is given")]) }
        return texts
    }

    static func isDirectory(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// The documents of a directory, by name, without those in directories below it.
    package static func files(in directory: String) throws(DocumentError) -> [String] {
        func failure(_ message: String) -> DocumentError { DocumentError([Diagnostic(file: directory, message: message)]) }

        guard let stream = opendir(directory) else { throw failure("cannot open the directory: \(reason(errno))") }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: pointer.pointee)) { String(cString: $0) }
            }
            guard isDocument(name) else { continue }
            names.append(name)
            guard names.count <= maximumFiles else { throw failure("there are more than \(maximumFiles) files in the directory") }
        }
        guard !names.isEmpty else { throw failure("there is no file here that ends in .json, .json5 or .jsonc") }
        let separator = directory.hasSuffix("/") ? "" : "/"
        return names.sorted().map { "\(directory)\(separator)\($0)" }
    }

    /// Schemas lie beside the documents that they are for; hidden files are other programs' business.
    private static func isDocument(_ name: String) -> Bool {
        let name = name.lowercased()
        return !name.hasPrefix(".") && !name.hasSuffix(".schema.json") && [".json", ".json5", ".jsonc"].contains { name.hasSuffix($0) }
    }
}
