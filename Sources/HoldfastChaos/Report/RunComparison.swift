/// Two results side by side: what became of each claim, and how far apart the figures of each phase lie.
///
/// What both have counts by its name: variants, assertions, loads, phases.
package struct RunComparison: Sendable {
    package let first: RunResult
    package let second: RunResult

    package init(_ first: RunResult, _ second: RunResult) {
        self.first = first
        self.second = second
    }

    /// A variant that both runs have, or one of them.
    package struct VariantPair: Sendable {
        package var name: String
        package var first: VariantResult?
        package var second: VariantResult?
    }

    /// How one claim fared; nil where it was not decided.
    package struct ClaimPair: Sendable {
        package var id: String
        package var first: AssertionResult?
        package var second: AssertionResult?

        /// Whether one run has it pass and the other has not.
        package var differs: Bool { first?.passed != second?.passed }
    }

    /// One figure of one load in one phase.
    package struct FigurePair: Sendable {
        package var load: String
        package var phase: String
        package var metric: Metric
        /// In the metric's own unit, times in seconds; nil where it could not be taken.
        package var first: Double?
        package var second: Double?

        /// What the second is in words against the first: `+1.2 points`, `2.4 times`; nil where that cannot be said.
        package var change: String? {
            guard let first, let second else { return nil }
            if first == second { return "the same" }
            if metric.unit == .ratio { return Figure.margin(second - first, .ratio) }
            guard first > 0, second > 0 else { return Figure.margin(second - first, metric.unit) }
            let factor = second / first
            if factor >= 2 { return "\(Figure.short(factor, 1)) times" }
            return (factor < 1 ? "−" : "+") + Figure.percent(abs(factor - 1))
        }

        /// Whether they are so far apart that a reader should look: a point of a ratio, a tenth of anything else.
        package var isNotable: Bool {
            guard let first, let second else { return first != second }
            return metric.unit == .ratio ? abs(second - first) >= 0.01 : abs(second - first) >= 0.1 * max(first, second)
        }
    }

    /// What is compared of each phase.
    static let metrics: [Metric] = [
        .successRatio, .answeredRatio, .goodputRatio, .fallbackRatio, .rejectedRatio, .attemptsPerCall, .latency(.p50), .latency(.p99),
        .latency(.p999),
    ]

    package var variants: [VariantPair] {
        names(first.variants.map(\.name), second.variants.map(\.name)).map { name in
            VariantPair(
                name: name, first: first.variants.first { $0.name == name }, second: second.variants.first { $0.name == name })
        }
    }

    package func claims(_ pair: VariantPair) -> [ClaimPair] {
        let (left, right) = (pair.first?.assertions ?? [], pair.second?.assertions ?? [])
        return names(left.map(\.id), right.map(\.id)).map { id in
            ClaimPair(id: id, first: left.first { $0.id == id }, second: right.first { $0.id == id })
        }
    }

    package func figures(_ pair: VariantPair) -> [FigurePair] {
        let (left, right) = (pair.first?.loads ?? [], pair.second?.loads ?? [])
        return names(left.map(\.name), right.map(\.name)).flatMap { load -> [FigurePair] in
            let (left, right) = (left.first { $0.name == load }?.phases ?? [], right.first { $0.name == load }?.phases ?? [])
            return names(left.map(\.phase), right.map(\.phase)).flatMap { phase in
                Self.metrics.map { metric in
                    FigurePair(
                        load: load, phase: phase, metric: metric, first: left.first { $0.phase == phase }?.value(of: metric),
                        second: right.first { $0.phase == phase }?.value(of: metric))
                }
            }
        }
    }

    /// Those of both, in the order of the first.
    private func names(_ first: [String], _ second: [String]) -> [String] {
        first + second.filter { !first.contains($0) }
    }
}

extension PhaseResult {
    /// A metric in its own unit, times in seconds; nil where it could not be taken.
    func value(of metric: Metric) -> Double? {
        metrics[metric.name].map { metric.unit == .time ? $0 / 1000 : $0 }
    }
}
