import Foundation
import HoldfastPolicyFiles
import Testing

/// A document with something wrong in it, and what is said about it.
///
/// The files in `Bad/` hold them by theme: a line `=== what is wrong [marks]`, the document, a line `---`, the message. Marks: `json5` for a
/// document that is read as one; `schema accepts` for a mistake that a JSON Schema cannot see. With `HOLDFAST_RECORD=1` in the environment
/// the messages are written anew, to be read before they are committed.
struct BadDocument: Sendable, CustomTestStringConvertible {
    static let themes = ["syntax", "document", "pipeline", "breaker", "limits", "repeats", "fallback", "routes", "language"]
    static let all = themes.flatMap { load($0) }
    /// What variables stand for in all of them.
    static let environment: PolicyEnvironment = ["WORD": "many", "ZERO": "0"]

    let theme: String
    let heading: String
    let text: String
    let message: String

    var testDescription: String { "\(theme): \(heading)" }
    var isJSON5: Bool { heading.contains("[json5]") }
    var isAcceptedBySchema: Bool { heading.contains("[schema accepts]") }

    /// What is said about it now; nil if it is accepted.
    var currentMessage: String? {
        do {
            _ = try PolicyDocument(file: isJSON5 ? "f.json5" : "f.json", bytes: Array(text.utf8), environment: Self.environment)
            return nil
        } catch {
            return error.rendering
        }
    }

    private static func load(_ theme: String) -> [BadDocument] {
        let file = folder.appending(path: "Bad/\(theme).txt")
        let content = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
        let documents = "\n\(content)".split(separator: "\n=== ").map { part in
            let lines = part.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
            let halves = lines[1].split(separator: "\n---\n", maxSplits: 1, omittingEmptySubsequences: false)
            let message = halves[1].trimmingCharacters(in: .newlines)
            return BadDocument(theme: theme, heading: String(lines[0]), text: String(halves[0]), message: message)
        }
        guard ProcessInfo.processInfo.environment["HOLDFAST_RECORD"] == "1" else { return documents }
        let recorded = documents.map { "=== \($0.heading)\n\($0.text)\n---\n\($0.currentMessage ?? "ACCEPTED")\n" }.joined(separator: "\n")
        try? recorded.write(to: file, atomically: true, encoding: .utf8)
        return documents
    }

    /// The folder of this test target.
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    static let repository = folder.deletingLastPathComponent().deletingLastPathComponent()
}
