import Foundation
import HoldfastAdmin

/// The report of a run as one HTML file that needs nothing else: no script, no font, no network.
///
/// It answers in the order in which people ask: did it pass, how do I run it again, by what margins, and what happened when.
package struct HTMLReport {
    let result: RunResult

    package init(_ result: RunResult) {
        self.result = result
    }

    /// The whole page.
    ///
    /// - Throws: What the JSON encoder throws; the page carries the result as data.
    package func html() throws -> String {
        Page.html(
            title: "\(result.label): \(result.scenario)",
            """
            \(heading)
            <div class="variants">
            \(result.variants.map(summary).joined(separator: "\n"))
            </div>
            <div class="variants">
            \(result.variants.map(panels).joined(separator: "\n"))
            </div>
            """, data: String(decoding: try result.json(), as: UTF8.self))
    }

    /// The panels of a variant, with the scales of all.
    private func panels(_ variant: VariantResult) -> String {
        VariantPanels(
            variant, name: "\(variant.name) over time", phases: result.phases, beside: result.variants.flatMap(\.loads)
        ).html
    }

    private var heading: String {
        """
        <header>
        <span class="verdict \(result.verdict.rawValue)">\(escape(result.label))</span>
        <h1>\(escape(result.title))</h1>
        <p class="soft">\(escape(result.scenario)) · seed \(result.seed) · \(escape(result.startedAt)) · \(escape(result.machine))</p>
        \(result.abortReason.map { "<p>Stopped before its end: \(escape($0)).</p>" } ?? "")
        <code class="replay">\(escape(result.replayCommand))</code>
        </header>
        """
    }

    private func summary(_ variant: VariantResult) -> String {
        let reloads = (variant.reloads ?? []).map { ", from \(Figure.short($0.at)) s on <code>\(escape($0.policies))</code>" }.joined()
        let without = variant.disabled.isEmpty ? "" : " without \(variant.disabled.joined(separator: ", "))"
        return """
            <section class="card">
            <header><h2>\(escape(variant.name))</h2>\
            <span class="verdict \(variant.verdict.status.rawValue)">\(escape(label(variant.verdict.status)))</span></header>
            <p>\(escape(variant.verdict.sentence))</p>
            <p class="soft"><code>\(escape(variant.policies))</code>\(reloads)\(escape(without))</p>
            <h3>Assertions</h3>
            <div class="scroll"><table class="assertions">
            <tr><th></th><th>claim</th><th>observed</th><th class="number">margin</th></tr>
            \(variant.assertions.map { row($0, variant) }.joined(separator: "\n"))
            </table></div>
            \(faults(variant))
            </section>
            """
    }

    private func row(_ assertion: AssertionResult, _ variant: VariantResult) -> String {
        let mark = assertion.passed ? "<td class=\"mark yes\">✓</td>" : "<td class=\"mark no\">✗</td>"
        let isExpected = variant.expectedFailures.contains(assertion.id)
        let note = isExpected ? " <span class=\"tag\">\(assertion.passed ? "should have failed" : "expected to fail")</span>" : ""
        return """
            <tr title="\(escape(assertion.sentence))">\(mark)\
            <td><b>\(escape(assertion.id))</b> <span class="tag">\(assertion.role.rawValue)</span>\(note)<br>\
            <span class="soft">\(escape(assertion.subject)): \(units(assertion.required))</span></td>\
            <td>\(units(assertion.observed))</td><td class="number">\(escape(assertion.margin ?? ""))</td></tr>
            """
    }

    private func faults(_ variant: VariantResult) -> String {
        guard !variant.faults.isEmpty else { return "" }
        let rows = variant.faults.map { fault in
            let undone = fault.isUndone ? "" : " <span class=\"no\">not undone</span>"
            let hits =
                fault.obstacle.map { "<span class=\"soft\" title=\"\(escape($0))\">skipped</span>" }
                ?? (fault.hits == 0 ? "<span class=\"no\">0</span>" : String(fault.hits))
            return """
                <tr><td><b>\(escape(fault.id))</b>\(undone)</td><td>\(escape(fault.kind)) on \(escape(fault.target))</td>\
                <td class="number">\(Figure.short(fault.start)) s to \(Figure.short(fault.end)) s</td><td class="number">\(hits)</td></tr>
                """
        }
        return """
            <h3>Faults</h3>
            <div class="scroll"><table><tr><th>id</th><th>kind</th><th class="number">in force</th><th class="number">hits</th></tr>
            \(rows.joined(separator: "\n"))
            </table></div>
            """
    }

    private func label(_ status: VariantVerdict.Status) -> String {
        status == .notStarted ? "not started" : status.rawValue
    }

    private func units(_ text: String) -> String { Markup.units(text) }

    private func escape(_ text: String) -> String { Markup.escape(text) }
}
