import HoldfastAdmin

/// The figures of a load, a column for each phase.
enum PhaseTable {
    private static let metrics: [(label: String, metric: Metric)] = [
        ("success", .successRatio), ("answered", .answeredRatio), ("within deadline", .goodputRatio), ("fallback", .fallbackRatio),
        ("rejected", .rejectedRatio), ("attempts per call", .attemptsPerCall), ("latency p50", .latency(.p50)),
        ("latency p90", .latency(.p90)), ("latency p99", .latency(.p99)), ("latency p99.9", .latency(.p999)),
        ("latency max", .latency(.max)), ("failures p99", .failedLatency(.p99)), ("started late p99", .lateness(.p99)),
        ("longest queue", .queueMax), ("adaptive limit", .limitValue),
    ]

    /// What a metric is called in tables.
    static func label(of metric: Metric) -> String {
        metrics.first { $0.metric == metric }?.label ?? metric.name
    }

    static func html(_ phases: [PhaseResult], _ spans: [RunResult.PhaseSpan]) -> String {
        let head = phases.map { phase in
            let isMeasured = spans.first { $0.name == phase.phase }?.isMeasured ?? true
            return "<th class=\"number\">\(Markup.escape(phase.phase))\(isMeasured ? "" : " *")</th>"
        }
        let calls = phases.map { "<td class=\"number\">\($0.calls)</td>" }
        // What was never taken says nothing in any column.
        let rows = metrics.filter { _, metric in phases.contains { $0.metrics[metric.name] != nil } }.map { label, metric in
            let cells = phases.map { "<td class=\"number\">\(text(metric, $0))</td>" }
            return "<tr><td>\(label)</td>\(cells.joined())</tr>"
        }
        let details = Set(phases.flatMap(\.details.keys)).sorted().map { detail in
            let cells = phases.map { "<td class=\"number\">\($0.details[detail] ?? 0)</td>" }
            return "<tr><td>\(Markup.escape(detail))</td>\(cells.joined())</tr>"
        }
        let note = spans.contains { !$0.isMeasured } ? "<p class=\"soft\"><small>* not measured</small></p>" : ""
        return """
            <div class="scroll"><table><tr><th></th>\(head.joined())</tr>
            <tr><td>calls</td>\(calls.joined())</tr>
            \((rows + details).joined(separator: "\n"))
            </table></div>\(note)
            """
    }

    private static func text(_ metric: Metric, _ phase: PhaseResult) -> String {
        guard let value = phase.metrics[metric.name] else { return "–" }
        return Figure.text(metric.unit == .time ? value / 1000 : value, metric.unit)
    }
}
