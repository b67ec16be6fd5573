import Holdfast
import HoldfastAdmin

/// Two runs side by side as one HTML file that needs nothing else.
package struct ComparisonPage {
    private let comparison: RunComparison

    package init(_ comparison: RunComparison) {
        self.comparison = comparison
    }

    /// The whole page.
    package var html: String {
        let runs = [("A", comparison.first), ("B", comparison.second)]
        return Page.html(
            title: "\(comparison.first.scenario): A and B",
            """
            <header><h1>\(Markup.escape(title))</h1></header>
            <div class="variants">
            \(runs.map(heading).joined(separator: "\n"))
            </div>
            \(comparison.variants.map(section).joined(separator: "\n"))
            """)
    }

    private var title: String {
        let (first, second) = (comparison.first.title, comparison.second.title)
        return first == second ? first : "\(first) – \(second)"
    }

    private func heading(_ letter: String, _ result: RunResult) -> String {
        """
        <section class="card">
        <header><h2>\(letter)</h2><span class="verdict \(result.verdict.rawValue)">\(Markup.escape(result.label))</span></header>
        <p class="soft">\(Markup.escape(result.scenario)) · seed \(result.seed) · \(Markup.escape(result.startedAt)) · \
        \(Markup.escape(result.machine))</p>
        <code class="replay">\(Markup.escape(result.replayCommand))</code>
        </section>
        """
    }

    private func section(_ pair: RunComparison.VariantPair) -> String {
        """
        <section class="card wide">
        <h2>\(Markup.escape(pair.name))</h2>
        <h3>Claims</h3>
        <div class="scroll"><table>
        <tr><th>claim</th><th>A</th><th>B</th></tr>
        \(comparison.claims(pair).map(row).joined(separator: "\n"))
        </table></div>
        \(figures(pair))
        </section>
        <div class="variants">
        \(panels(pair).joined(separator: "\n"))
        </div>
        """
    }

    private func row(_ claim: RunComparison.ClaimPair) -> String {
        func cell(_ result: AssertionResult?) -> String {
            guard let result else { return "<td class=\"soft\">not decided</td>" }
            let mark = result.passed ? "<span class=\"yes\">✓</span>" : "<span class=\"no\">✗</span>"
            return "<td title=\"\(Markup.escape(result.sentence))\">\(mark) \(Markup.units(result.observed))</td>"
        }
        let required = (claim.first ?? claim.second)?.required ?? ""
        return """
            <tr\(claim.differs ? " class=\"differs\"" : "")><td><b>\(Markup.escape(claim.id))</b><br>\
            <span class="soft">\(Markup.units(required))</span></td>\(cell(claim.first))\(cell(claim.second))</tr>
            """
    }

    /// A small table for each load and phase, as many side by side as there is room for.
    private func figures(_ pair: RunComparison.VariantPair) -> String {
        let figures = comparison.figures(pair).filter { $0.first ?? 0 != 0 || $0.second ?? 0 != 0 }
        let groups = figures.map { "\($0.load), \($0.phase)" }.reduce(into: [String]()) { if $0.last != $1 { $0.append($1) } }
        let tables = groups.map { group in
            """
            <div><h3>\(Markup.escape(group))</h3>
            <div class="scroll"><table>
            <tr><th></th><th class="number">A</th><th class="number">B</th><th class="number">B against A</th></tr>
            \(figures.filter { "\($0.load), \($0.phase)" == group }.map(row).joined(separator: "\n"))
            </table></div></div>
            """
        }
        return "<div class=\"variants tight\">\n\(tables.joined(separator: "\n"))\n</div>"
    }

    private func row(_ figure: RunComparison.FigurePair) -> String {
        let cells = [text(figure.first, figure.metric), text(figure.second, figure.metric), figure.change ?? ""]
        return "<tr\(figure.isNotable ? " class=\"differs\"" : "")><td>\(PhaseTable.label(of: figure.metric))</td>"
            + cells.map { "<td class=\"number\">\(Markup.units($0))</td>" }.joined() + "</tr>"
    }

    /// The panels of both, with the same scales.
    private func panels(_ pair: RunComparison.VariantPair) -> [String] {
        let loads = [pair.first, pair.second].compactMap { $0?.loads }.flatMap(\.self)
        return [("A", pair.first, comparison.first), ("B", pair.second, comparison.second)].compactMap { letter, variant, result in
            variant.map { VariantPanels($0, name: "\(letter): \($0.name)", phases: result.phases, beside: loads).html }
        }
    }

    private func text(_ value: Double?, _ metric: Metric) -> String {
        value.map { Figure.text($0, metric.unit) } ?? "–"
    }
}
