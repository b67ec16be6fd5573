/// The end of a sweep on the terminal: a line per claim with the spread of what was observed, and the seeds that went another way.
package enum SweepLines {
    package static func lines(_ result: SweepResult, style: TerminalStyle) -> [String] {
        var lines: [String] = []
        var variant: String?
        for claim in result.claims {
            if claim.variant != variant {
                variant = claim.variant
                lines += ["", style.bold(claim.variant)]
            }
            lines.append("  " + line(claim, style))
        }
        let isGood = result.exitCode == 0
        let counts = [("passed", result.passed), ("failed", result.failed), ("not started", result.notStarted)]
            .filter { !$0.1.isEmpty }
            .map { "\($0.1.count) \($0.0)" + ($0.0 == "passed" ? "" : " (\(seeds($0.1)))") }
        let sentence = "\(Figure.count(result.seeds.count, "seed"))\(counts.isEmpty ? "" : ": ")\(counts.joined(separator: ", "))"
        let abort = result.abortReason.map { [style.red(style.bold("ABORTED")) + ": \($0)"] } ?? []
        return lines + [""] + abort + [isGood ? style.green(style.bold(sentence)) : style.red(style.bold(sentence))]
    }

    private static func line(_ claim: SweepResult.Claim, _ style: TerminalStyle) -> String {
        guard claim.judged > 0 else { return "\(style.yellow("–")) \(claim.id): not judged, since nothing started" }
        var text = "\(claim.isAsMeant ? style.green("✓") : style.red("✗")) \(claim.id): held for \(claim.held) of \(claim.judged)"
        if claim.isExpectedToFail { text += style.dim(" (expected to fail)") }
        if let unit = claim.unit, let spread = spread(claim.values, unit) { text += "; \(claim.subject) \(spread)" }
        if !claim.required.isEmpty { text += "; \(claim.required)" }
        if !claim.isAsMeant { text += "; " + (claim.isExpectedToFail ? "held for some seeds" : "not for \(seeds(claim.failedSeeds))") }
        return text
    }

    private static func spread(_ values: [Double], _ unit: Metric.Unit) -> String? {
        let sorted = values.sorted()
        guard let least = sorted.first, let most = sorted.last else { return nil }
        if least == most { return Figure.text(least, unit) }
        let median = sorted[sorted.count / 2]
        return "\(Figure.text(least, unit)) to \(Figure.text(most, unit)), median \(Figure.text(median, unit))"
    }

    private static func seeds(_ seeds: [UInt64]) -> String {
        let shown = seeds.prefix(5).map(String.init).joined(separator: ", ")
        return "seed\(seeds.count == 1 ? "" : "s") \(shown)\(seeds.count > 5 ? ", …" : "")"
    }
}
