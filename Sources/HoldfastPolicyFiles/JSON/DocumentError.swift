/// Why a document was refused: all that is wrong with it, in the order of the file.
public struct DocumentError: Error, Sendable, CustomStringConvertible {
    /// The findings, at least one of which is an error.
    public let diagnostics: [Diagnostic]

    package init(_ diagnostics: [Diagnostic]) {
        self.diagnostics = diagnostics
    }

    /// The findings, one a line.
    public var description: String {
        diagnostics.map(\.description).joined(separator: "\n")
    }

    /// The findings as a compiler prints them, each with the line that it is about.
    public var rendering: String {
        diagnostics.map(\.rendering).joined(separator: "\n")
    }
}
