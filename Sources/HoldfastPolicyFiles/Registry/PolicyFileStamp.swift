/// What tells one state of policy files from another without reading them: the stamp of each file, those of folders by their names.
///
/// A folder's own stamp is no part of it: it changes with every file that is somebody else's.
struct PolicyFileStamp: Hashable, Sendable {
    private let files: [String: FileStamp?]

    /// The present state; looks at each file and folder, and may block.
    init(paths: [String]) {
        var files: [String: FileStamp?] = [:]
        for path in paths {
            if DocumentReader.isDirectory(path) {
                // One that cannot be opened, or holds nothing, has none.
                for file in (try? DocumentReader.files(in: path)) ?? [] { files[file] = FileStamp(file) }
            } else {
                files[path] = .some(FileStamp(path))
            }
        }
        self.files = files
    }
}
