import Foundation
import HoldfastPolicyFiles
import Testing

@testable import HoldfastChaos

/// A scenario with something wrong in it, and what is said about it.
///
/// The files in `Bad/` hold them by theme: a line `=== what is wrong [marks]`, what is changed in the scenario of ``ScenarioText``, a line
/// `---`, the message. A change is a text of that scenario, a line `=>`, and what stands in its place; without `=>` it is the whole document.
/// The mark `schema accepts` is for a mistake that a JSON Schema cannot see. With `HOLDFAST_RECORD=1` in the environment the messages are
/// written anew, to be read before they are committed.
struct BadScenario: Sendable, CustomTestStringConvertible {
    static let themes = ["document", "services", "load", "faults", "shapes", "assertions"]
    static let all = themes.flatMap { load($0) }

    let theme: String
    let heading: String
    let change: String
    let message: String

    var testDescription: String { "\(theme): \(heading)" }
    var isAcceptedBySchema: Bool { heading.contains("[schema accepts]") }

    /// The document.
    var text: String {
        guard let arrow = change.range(of: "\n=>\n") else { return change }
        return ScenarioText.replacing([String(change[..<arrow.lowerBound]): String(change[arrow.upperBound...])])
    }

    /// What is said about it now; nil if it is accepted.
    var currentMessage: String? {
        do {
            _ = try ScenarioText.read(text)
            return nil
        } catch {
            return error.rendering
        }
    }

    private static func load(_ theme: String) -> [BadScenario] {
        let file = folder.appending(path: "Bad/\(theme).txt")
        let content = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
        let scenarios = "\n\(content)".split(separator: "\n=== ").map { part in
            let lines = part.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
            let halves = lines[1].split(separator: "\n---\n", maxSplits: 1, omittingEmptySubsequences: false)
            let message = halves[1].trimmingCharacters(in: .newlines)
            return BadScenario(theme: theme, heading: String(lines[0]), change: String(halves[0]), message: message)
        }
        guard ProcessInfo.processInfo.environment["HOLDFAST_RECORD"] == "1" else { return scenarios }
        let recorded = scenarios.map { "=== \($0.heading)\n\($0.change)\n---\n\($0.currentMessage ?? "ACCEPTED")\n" }
        try? recorded.joined(separator: "\n").write(to: file, atomically: true, encoding: .utf8)
        return scenarios
    }

    /// The folder of this test target.
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    static let repository = folder.deletingLastPathComponent().deletingLastPathComponent()
}
