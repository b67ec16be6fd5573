/// Two runs side by side on the terminal: the claims that went another way, and the figures that lie apart.
package enum ComparisonLines {
    package static func lines(_ comparison: RunComparison, style: TerminalStyle) -> [String] {
        var lines = [heading("A", comparison.first, style), heading("B", comparison.second, style)]
        for pair in comparison.variants {
            lines += ["", style.bold(pair.name)]
            guard pair.first != nil, pair.second != nil else {
                lines.append("  only in \(pair.second == nil ? "A" : "B")")
                continue
            }
            let claims = comparison.claims(pair)
            lines += claims.filter(\.differs).map { "  " + line($0, style) }
            let figures = comparison.figures(pair).filter(\.isNotable)
            lines += table(figures)
            if !claims.contains(where: \.differs), figures.isEmpty {
                lines.append("  the same claims hold, and no figure differs by a point or a tenth")
            }
        }
        return lines
    }

    private static func heading(_ letter: String, _ result: RunResult, _ style: TerminalStyle) -> String {
        "\(style.bold(letter))  \(result.scenario), seed \(result.seed): \(result.label)  \(style.dim("(\(result.machine), \(result.startedAt))"))"
    }

    private static func line(_ claim: RunComparison.ClaimPair, _ style: TerminalStyle) -> String {
        func text(_ result: AssertionResult?) -> String {
            guard let result else { return "not decided" }
            return "\(result.passed ? style.green("✓") : style.red("✗")) \(result.observed)"
        }
        return "\(claim.id): A \(text(claim.first)), B \(text(claim.second))"
    }

    /// Columns as wide as what stands in them.
    private static func table(_ figures: [RunComparison.FigurePair]) -> [String] {
        let rows = figures.map { figure in
            [
                "\(figure.load) \(figure.phase)", figure.metric.name, text(figure.first, figure.metric), text(figure.second, figure.metric),
                figure.change ?? "",
            ]
        }
        guard let count = rows.first?.count else { return [] }
        let widths = (0..<count).map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            let cells = zip(row, widths).enumerated().map { index, cell in
                let room = String(repeating: " ", count: cell.1 - cell.0.count)
                return index < 2 ? cell.0 + room : room + cell.0
            }
            return "  " + cells.joined(separator: "  ")
        }
    }

    private static func text(_ value: Double?, _ metric: Metric) -> String {
        value.map { Figure.text($0, metric.unit) } ?? "–"
    }
}
