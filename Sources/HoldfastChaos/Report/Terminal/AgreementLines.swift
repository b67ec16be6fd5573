/// Real and virtual runs beside each other on the terminal.
package enum AgreementLines {
    package static func lines(_ agreement: Agreement, style: TerminalStyle) -> [String] {
        var lines: [String] = []
        var variant: String?
        for row in agreement.rows {
            if row.variant != variant {
                variant = row.variant
                lines += ["", style.bold(row.variant)]
            }
            lines.append("  " + line(row, style))
        }
        let apart = agreement.rows.count { !$0.holds }
        let sentence =
            apart == 0
            ? "real and virtual agree in all \(Figure.count(agreement.rows.count, "figure"))"
            : "real and virtual lie apart in \(apart) of \(Figure.count(agreement.rows.count, "figure"))"
        return lines + ["", apart == 0 ? style.green(style.bold(sentence)) : style.red(style.bold(sentence))]
    }

    private static func line(_ row: Agreement.Row, _ style: TerminalStyle) -> String {
        let mark = row.holds ? style.green("✓") : style.red("✗")
        let apart = row.difference.map { "\(Figure.margin($0, row.unit)) apart" } ?? "in one of them only"
        return "\(mark) \(row.subject): real \(spread(row.real, row.unit)), virtual \(spread(row.virtual, row.unit)); "
            + "\(apart), allowed \(allowance(row))"
    }

    /// The mean, and the extremes in brackets.
    private static func spread(_ values: [Double], _ unit: Metric.Unit) -> String {
        guard let least = values.min(), let most = values.max() else { return "never" }
        let mean = Figure.text(values.reduce(0, +) / Double(values.count), unit)
        return least == most ? mean : "\(mean) (\(Figure.text(least, unit)) to \(Figure.text(most, unit)))"
    }

    private static func allowance(_ row: Agreement.Row) -> String {
        Figure.margin(row.allowance, row.unit).replacing("+", with: "±")
    }
}
