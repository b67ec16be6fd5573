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
    /// The line of the file that the finding is about, with a caret below it; nil for the file as a whole.
    public var excerpt: String?

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

    package init(source: SourceText, position: SourcePosition, path: String, message: String, severity: Severity = .error) {
        self.init(file: source.file, position: position, path: path, message: message, severity: severity)
        excerpt = source.excerpt(at: position)
    }

    /// The finding as one line.
    public var description: String {
        var parts = [line > 0 ? "\(file):\(line):\(column)" : file]
        if severity == .warning { parts.append("warning") }
        if !path.isEmpty { parts.append(path) }
        parts.append(message)
        return parts.joined(separator: ": ")
    }

    /// The finding as a compiler prints it: one line, and below it the line of the file with a caret.
    public var rendering: String {
        excerpt.map { "\(description)\n\($0)" } ?? description
    }
}
