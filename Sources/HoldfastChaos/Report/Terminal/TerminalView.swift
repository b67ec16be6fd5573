import Holdfast

/// The live view of a run: a function from what is known at a moment to lines of text.
package struct TerminalView: Sendable {
    private let style: TerminalStyle
    private let columns: Int

    /// A view for a terminal of that many columns, at least 40.
    package init(style: TerminalStyle, columns: Int) {
        self.style = style
        self.columns = min(max(columns, 40), 120)
    }

    /// The lines of the whole view, each no longer than the terminal is wide.
    package func lines(_ snapshot: ProgressSnapshot) -> [String] {
        var lines = ["\(style.bold(snapshot.scenario)) · \(snapshot.variant) · seed \(snapshot.seed)"]
        lines += phaseBar(snapshot)
        lines.append("")
        lines += snapshot.loads.map(line)
        lines += snapshot.breakers.map { line($0, snapshot) }
        lines.append(faults(snapshot.faults))
        if !snapshot.assertions.isEmpty || !snapshot.pending.isEmpty { lines.append("") }
        lines += snapshot.assertions.map(line)
        if !snapshot.pending.isEmpty { lines += wrapped("still to come: ", snapshot.pending) }
        return lines
    }

    private var barWidth: Int { columns - 12 }

    /// The phases drawn to scale, what is past filled, with their names below.
    private func phaseBar(_ snapshot: ProgressSnapshot) -> [String] {
        let end = max(snapshot.timeline.end.seconds, 0.001)
        let now = min(Double(snapshot.now) / 1e9, end)
        let done = min(Int(now / end * Double(barWidth)), barWidth)
        var names = ""
        for phase in snapshot.timeline.phases {
            let start = Int(phase.start.seconds / end * Double(barWidth))
            guard start >= names.count else { continue }
            let room = Int(phase.end.seconds / end * Double(barWidth)) - start
            names += String(repeating: " ", count: start - names.count)
            names += room > phase.name.count ? "|\(phase.name)" : "|"
        }
        let bar = String(repeating: "█", count: done) + style.dim(String(repeating: "░", count: barWidth - done))
        return ["\(bar) \(Figure.decimal(now, 0))/\(Figure.short(end, 1)) s", style.dim(names)]
    }

    private func line(_ load: ProgressSnapshot.Load) -> String {
        var room = columns - load.name.count
        // What counts most stands first: a narrow terminal has no room for all of it.
        let parts = [
            "\(Figure.short(load.callsPerSecond, 0))/s",
            load.answeredRatio.map { "answered \(Figure.percent($0))" },
            load.successRatio.map { "success \(Figure.percent($0))" },
            load.p99.map { "p99 \(Figure.time($0))" },
            load.attemptsPerCall.map { "\(Figure.short($0)) attempts/call" },
            load.underWay > 0 ? "\(load.underWay) under way" : nil,
        ].compactMap(\.self).prefix { part in
            room -= part.count + 2
            return room >= 0
        }
        return style.bold(load.name) + parts.map { "  \($0.hasPrefix("answered") ? judged($0, load.answeredRatio) : $0)" }.joined()
    }

    private func judged(_ text: String, _ ratio: Double?) -> String {
        guard let ratio else { return text }
        return ratio >= 0.99 ? style.green(text) : ratio >= 0.9 ? style.yellow(text) : style.red(text)
    }

    private func line(_ breaker: ProgressSnapshot.Breaker, _ snapshot: ProgressSnapshot) -> String {
        let end = max(snapshot.timeline.end.nanoseconds, 1)
        let strip = Self.strip(breaker.transitions, now: snapshot.now, end: end, width: min(barWidth - breaker.name.count - 2, 60))
        let colored = strip.map { letter in
            switch letter {
            case "C": style.green("C")
            case "O": style.red("O")
            case "H": style.yellow("H")
            default: String(letter)
            }
        }
        return "\(breaker.name)  \(colored.joined())"
    }

    /// The breaker's states up to `now` as letters, `width` of them for the whole run.
    ///
    /// A letter stands for the state that lasted longest in its stretch; but one in which the breaker was half-open at any time
    /// shows that, since probes are too short to last longest anywhere.
    static func strip(_ transitions: [BreakerTransition], now: Int64, end: Int64, width: Int) -> String {
        let width = max(width, 1)
        let spells = BreakerSpell.spells(transitions, end: now)
        var strip = ""
        for column in 0..<width {
            let from = end / Int64(width) * Int64(column)
            let to = min(end / Int64(width) * Int64(column + 1), now)
            guard from < now else { break }
            let inside = spells.filter { $0.start < to && $0.end > from }
            let longest = inside.max { overlap($0, from, to) < overlap($1, from, to) }
            let state = inside.contains { $0.state == .halfOpen } ? .halfOpen : longest?.state ?? .closed
            strip.append(state.letter)
        }
        return strip
    }

    private static func overlap(_ spell: BreakerSpell, _ from: Int64, _ to: Int64) -> Int64 {
        min(spell.end, to) - max(spell.start, from)
    }

    private func faults(_ faults: [ProgressSnapshot.Fault]) -> String {
        guard !faults.isEmpty else { return style.dim("no fault in force") }
        let names = faults.map { "\($0.id) (\(Figure.count($0.hits, "hit")))" }
        return style.red("in force: ") + names.joined(separator: ", ")
    }

    private func line(_ assertion: AssertionResult) -> String {
        let mark = assertion.passed ? style.green("✓") : style.red("✗")
        let text = "\(assertion.id)  \(assertion.observed) (\(assertion.required))"
        return "\(mark) \(text.count > columns - 2 ? text.prefix(columns - 3) + "…" : text)"
    }

    private func wrapped(_ head: String, _ words: [String]) -> [String] {
        var lines = [head]
        for (index, word) in words.enumerated() {
            let word = index + 1 < words.count ? word + ", " : word
            if lines[lines.count - 1].count + word.count > columns { lines.append("  ") }
            lines[lines.count - 1] += word
        }
        return lines.map(style.dim)
    }
}
