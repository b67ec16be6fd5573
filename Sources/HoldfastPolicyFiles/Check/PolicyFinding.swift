public import Holdfast

/// Something that a check has to say about a policy file: a mistake, or what is doubtful about a document that can be used.
public struct PolicyFinding: Hashable, Sendable, CustomStringConvertible {
    /// How much is wrong. An error is a mistake: the document cannot be used, or what it describes cannot work.
    public let level: PipelineLint.Level
    /// Where it is, and what is wrong in one line.
    public let diagnostic: Diagnostic
    /// Which rule found it; nil for what the reader of the file found.
    public let rule: String?
    /// Why that matters, and what would be right; nil where the line says all.
    public let explanation: String?

    init(_ level: PipelineLint.Level, _ diagnostic: Diagnostic, rule: String? = nil, explanation: String? = nil) {
        self.level = level
        self.diagnostic = diagnostic
        self.rule = rule
        self.explanation = explanation
    }

    /// One finding of the reader.
    package init(_ diagnostic: Diagnostic) {
        self.init(diagnostic.severity == .error ? .error : .warning, diagnostic)
    }

    /// One line as compilers write it, and the explanation below it.
    public var description: String {
        explanation.map { "\(line)\n  \($0)" } ?? line
    }

    /// The same with the line of the file between them, and a caret below that.
    public var rendering: String {
        [line, diagnostic.excerpt, explanation.map { "  \($0)" }].compactMap(\.self).joined(separator: "\n")
    }

    private var line: String {
        var place = [diagnostic.line > 0 ? "\(diagnostic.file):\(diagnostic.line):\(diagnostic.column)" : diagnostic.file]
        if level < .error { place.append(level.rawValue) }
        if !diagnostic.path.isEmpty { place.append(diagnostic.path) }
        return (place + [diagnostic.message]).joined(separator: ": ") + (rule.map { " [\($0)]" } ?? "")
    }
}
