#if TLS
/// Where certificates or a key in PEM ("-----BEGIN ...") come from.
public enum PEMSource: Hashable, Sendable, CustomStringConvertible {
    /// A file, which is read again when it has changed. Replace it by renaming a complete one over it.
    case file(String)
    /// The text itself.
    case bytes([UInt8])

    /// The file's path; never the text, which may be a secret.
    public var description: String { path ?? "the PEM text given" }

    var path: String? {
        guard case .file(let path) = self else { return nil }
        return path
    }
}
#endif
