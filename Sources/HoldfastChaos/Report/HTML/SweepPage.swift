import HoldfastAdmin

/// A sweep over seeds as one HTML file: how often each claim held, and how its figure is spread over the seeds.
package struct SweepPage {
    private let result: SweepResult
    /// The command that runs one seed alone.
    private let command: (UInt64) -> String

    package init(_ result: SweepResult, command: @escaping (UInt64) -> String) {
        self.result = result
        self.command = command
    }

    /// The whole page.
    ///
    /// - Throws: What the JSON encoder throws; the page carries the result as data.
    package func html() throws -> String {
        let names = result.claims.map(\.variant).reduce(into: [String]()) { if $0.last != $1 { $0.append($1) } }
        let word = ["passed", "failed", "not started", "aborted"][Int(result.exitCode)]
        return Page.html(
            title: "\(word): \(result.scenario) over \(Figure.count(result.seeds.count, "seed"))",
            """
            <header>
            <span class="verdict \(result.exitCode == 0 ? "passed" : "failed")">\(word)</span>
            <h1>\(Markup.escape(result.title))</h1>
            <p class="soft">\(Markup.escape(result.scenario)) · \(Markup.escape(seeds)) · virtual time</p>
            <p>\(Markup.escape(counts))</p>
            \(result.abortReason.map { "<p>Stopped before its end: \(Markup.escape($0)).</p>" } ?? "")
            \(replays)
            </header>
            <div class="variants">
            \(names.map(card).joined(separator: "\n"))
            </div>
            """, data: try result.json())
    }

    private var seeds: String {
        guard let first = result.seeds.first, let last = result.seeds.last else { return "no seeds" }
        return "seeds \(first) to \(last)"
    }

    private var counts: String {
        if result.seeds.isEmpty { return "No seed was judged." }
        return [("passed", result.passed), ("failed", result.failed), ("not started", result.notStarted)]
            .filter { !$0.1.isEmpty }.map { "\($0.1.count) \($0.0)" }.joined(separator: ", ") + "."
    }

    /// The command for some seeds that went another way, or for any.
    private var replays: String {
        let odd = (result.failed + result.notStarted).prefix(3)
        return (odd.isEmpty ? result.seeds.prefix(1) : odd)
            .map { "<code class=\"replay\">\(Markup.escape(command($0)))</code>" }.joined(separator: "\n")
    }

    private func card(_ variant: String) -> String {
        """
        <section class="card">
        <h2>\(Markup.escape(variant))</h2>
        \(result.claims.filter { $0.variant == variant }.map(claim).joined(separator: "\n"))
        </section>
        """
    }

    private func claim(_ claim: SweepResult.Claim) -> String {
        guard claim.judged > 0 else {
            return "<div class=\"claim\"><p><b>\(Markup.escape(claim.id))</b> not judged, since nothing started</p></div>"
        }
        let mark = claim.isAsMeant ? "<span class=\"mark yes\">✓</span>" : "<span class=\"mark no\">✗</span>"
        let note = claim.isExpectedToFail ? " <span class=\"tag\">expected to fail</span>" : ""
        let odd = claim.isExpectedToFail ? [] : claim.failedSeeds
        let failing =
            odd.isEmpty
            ? ""
            : "<p class=\"soft\">not for seed \(odd.prefix(12).map(String.init).joined(separator: ", "))\(odd.count > 12 ? ", …" : "")</p>"
        return """
            <div class="claim"><p>\(mark) <b>\(Markup.escape(claim.id))</b>\(note) held for \(claim.held) of \(claim.judged)<br>\
            <span class="soft">\(Markup.escape(claim.subject)): \(Markup.units(claim.required))</span></p>
            \(SpreadPanel.svg(claim) ?? "")\(failing)</div>
            """
    }
}
