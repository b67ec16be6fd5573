/// The end of a run on the terminal; its last line is the command that replays the run.
package enum VerdictLines {
    package static func lines(_ result: RunResult, style: TerminalStyle) -> [String] {
        // All variants have the same loads.
        let loads = (result.variants.first?.loads ?? []).compactMap { load in load.arrival.map { "load \(load.name): \($0)" } }
        var lines = loads.isEmpty ? [] : [""] + loads
        for variant in result.variants {
            lines += ["", "\(style.bold(variant.name)): \(sentence(variant.verdict, style))"]
            for assertion in variant.assertions {
                let mark = assertion.passed ? style.green("✓") : style.red("✗")
                let margin = assertion.margin.map { ", margin \($0)" } ?? ""
                let note = variant.expectedFailures.contains(assertion.id) && !assertion.passed ? style.dim(" (expected to fail)") : ""
                lines.append("  \(mark) \(assertion.id): \(assertion.observed)\(margin); \(assertion.required)\(note)")
            }
            for fault in variant.faults {
                lines.append("  " + line(fault, style))
            }
        }
        let isGood = result.verdict == .passed
        let word = style.bold(result.label.uppercased())
        lines += ["", (isGood ? style.green(word) : style.red(word)) + (result.abortReason.map { ": \($0)" } ?? "")]
        lines.append(result.replayCommand)
        return lines
    }

    private static func line(_ fault: FaultResult, _ style: TerminalStyle) -> String {
        if let obstacle = fault.obstacle { return "\(style.yellow("–")) fault \(fault.id): skipped; \(obstacle)" }
        let isUndone = fault.isUndone ? "" : style.red(", not undone")
        let mark = fault.hits > 0 && fault.isUndone ? " " : style.red("✗")
        return "\(mark) fault \(fault.id): \(Figure.count(fault.hits, "hit"))\(isUndone)"
    }

    private static func sentence(_ verdict: VariantVerdict, _ style: TerminalStyle) -> String {
        switch verdict.status {
        case .passed: style.green(verdict.sentence)
        case .failed: style.red(verdict.sentence)
        case .notStarted: style.yellow(verdict.sentence)
        }
    }
}
