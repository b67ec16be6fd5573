/// The end of a run on the terminal; its last line is the command that replays the run.
package enum VerdictLines {
    package static func lines(_ result: RunResult, style: TerminalStyle) -> [String] {
        var lines: [String] = []
        for variant in result.variants {
            lines += ["", "\(style.bold(variant.name)): \(sentence(variant.verdict, style))"]
            for assertion in variant.assertions {
                let mark = assertion.passed ? style.green("✓") : style.red("✗")
                let margin = assertion.margin.map { ", margin \($0)" } ?? ""
                let note = variant.expectedFailures.contains(assertion.id) && !assertion.passed ? style.dim(" (expected to fail)") : ""
                lines.append("  \(mark) \(assertion.id): \(assertion.observed)\(margin); \(assertion.required)\(note)")
            }
            for fault in variant.faults {
                lines.append("  \(fault.hits > 0 ? " " : style.red("✗")) fault \(fault.id): \(Figure.count(fault.hits, "hit"))")
            }
        }
        let word = result.verdict == .notStarted ? "not started" : result.verdict.rawValue
        let isGood = result.verdict == .passed
        lines += ["", isGood ? style.green(style.bold(word.uppercased())) : style.red(style.bold(word.uppercased()))]
        lines.append(result.replayCommand)
        return lines
    }

    private static func sentence(_ verdict: VariantVerdict, _ style: TerminalStyle) -> String {
        switch verdict.status {
        case .passed: style.green(verdict.sentence)
        case .failed: style.red(verdict.sentence)
        case .notStarted: style.yellow(verdict.sentence)
        }
    }
}
