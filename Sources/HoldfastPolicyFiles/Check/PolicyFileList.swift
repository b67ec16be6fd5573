#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Which files a path stands for.
enum PolicyFileList {
    /// The policy files of a folder, sorted by name: those that end in `.json`, `.json5` or `.jsonc`, but not in `.schema.json`, and
    /// directly in it; any other path stands for itself.
    /// - Throws: ``DocumentError`` when the folder cannot be read, or holds no policy file.
    static func files(at path: String) throws(DocumentError) -> [String] {
        guard isFolder(path) else { return [path] }
        guard let folder = opendir(path) else {
            throw DocumentError([Diagnostic(file: path, message: "cannot read the folder: \(String(cString: strerror(errno)))")])
        }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: pointer.pointee)) { String(cString: $0) }
            }
            if isPolicyFile(name) { names.append(name) }
        }
        guard !names.isEmpty else {
            let message = "there is no policy file in the folder; expected files that end in .json, .json5 or .jsonc"
            throw DocumentError([Diagnostic(file: path, message: message)])
        }
        let prefix = path.hasSuffix("/") ? path : "\(path)/"
        return names.sorted().map { prefix + $0 }.filter { !isFolder($0) }
    }

    private static func isPolicyFile(_ name: String) -> Bool {
        !name.hasPrefix(".") && !name.hasSuffix(".schema.json") && [".json", ".json5", ".jsonc"].contains { name.hasSuffix($0) }
    }

    private static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }
}
