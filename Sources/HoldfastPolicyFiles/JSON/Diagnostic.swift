/// One finding about a file, in the form that editors and terminals link: `file:line:column: path: message`.
public struct Diagnostic: Error, Hashable, Sendable, CustomStringConvertible {
    /// How grave a finding is.
    public enum Severity: Hashable, Sendable {
        /// The document cannot be used.
        case error
        /// The document can be used, but probably does not do what its author wants.
        case warning
    }

    /// The file as its reader was given it.
    public var file: String
    /// The line, counted from 1; 0 if the finding is about the file as a whole.
    public var line: Int
    /// The column in Unicode scalars, counted from 1; 0 if the finding is about the file as a whole.
    public var column: Int
    /// The path in the document, such as `policies.say.pipeline[2].circuitBreaker`; empty at the top of the document.
    public var path: String
    /// What is wrong and what would be right, in one line.
    public var message: String
    /// How grave the finding is.
    public var severity: Severity

    package init(
        file: String, position: SourcePosition? = nil, path: String = "", message: String, severity: Severity = .error
    ) {
        self.file = file
        self.line = position?.line ?? 0
        self.column = position?.column ?? 0
        self.path = path
        self.message = message
        self.severity = severity
    }

    /// The finding as one line.
    public var description: String {
        var parts = [line > 0 ? "\(file):\(line):\(column)" : file]
        if severity == .warning { parts.append("warning") }
        if !path.isEmpty { parts.append(path) }
        parts.append(message)
        return parts.joined(separator: ": ")
    }
}
