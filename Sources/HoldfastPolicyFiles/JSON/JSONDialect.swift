/// How strictly a text is read.
enum JSONDialect: Sendable {
    /// RFC 8259.
    case json
    /// With comments, trailing commas, keys without quotes and strings in single quotes, as JSON5 has them.
    case json5

    /// JSON5 for a file that says so: `.json5` or `.jsonc`, in whatever case.
    init(file: String) {
        let file = file.lowercased()
        self = file.hasSuffix(".json5") || file.hasSuffix(".jsonc") ? .json5 : .json
    }
}
