import HoldfastAdmin

/// The panels of one variant, all on the same time axis, with the same scales as those of the other variants.
struct VariantPanels {
    private let variant: VariantResult
    private let name: String
    private let phases: [RunResult.PhaseSpan]
    private let others: [LoadResult]
    private let time: TimeAxis

    /// - Parameters:
    ///   - name: what stands above them.
    ///   - phases: of the run.
    ///   - others: the loads of all variants that are to be read beside each other, this one's included.
    init(_ variant: VariantResult, name: String, phases: [RunResult.PhaseSpan], beside others: [LoadResult]) {
        self.variant = variant
        self.name = name
        self.phases = phases
        self.others = others
        time = TimeAxis(phases: phases, faults: variant.faults, reloads: variant.reloads ?? [])
    }

    var html: String {
        let loads = variant.loads.map { panels($0) }.joined(separator: "\n")
        return """
            <section class="card panels">
            <h2>\(Markup.escape(name))</h2>
            <h3>Phases and faults</h3>
            \(TimelinePanel.svg(phases, variant.faults, variant.reloads ?? [], time: time))
            \(breakers)
            \(replicas)
            \(loads)
            </section>
            """
    }

    private var breakers: String {
        guard !variant.breakers.isEmpty else { return "" }
        let states = BreakerState.allCases.filter { state in
            variant.breakers.contains { $0.spells.contains { $0.state == state } }
        }
        let names = variant.breakers.map(\.name).joined(separator: ", ")
        return """
            <h3>Circuit breaker<small>\(Markup.escape(names))</small></h3>
            \(legend(states.map { ("b-\($0.rawValue)", BreakerPanel.label($0)) }))
            \(BreakerPanel.svg(variant.breakers, time: time))
            """
    }

    private var replicas: String {
        let services = Set((variant.replicas ?? []).map(\.service)).sorted()
        return services.map { service in
            let replicas = variant.replicas?.filter { $0.service == service } ?? []
            return """
                <h3>Replicas of \(Markup.escape(service))<small>attempts a second that each began to work on</small></h3>
                \(legend(ReplicaPanel.legend(replicas)))
                \(ReplicaPanel.svg(replicas, time: time))
                """
        }.joined(separator: "\n")
    }

    private func panels(_ load: LoadResult) -> String {
        let all = others.filter { $0.name == load.name }
        let rate = all.map { RatePanel.maximum($0.seconds, time: time) }.max() ?? 0
        let attempts = all.map { AttemptsPanel.maximum($0.seconds, time: time) }.max() ?? 0
        let latency = LatencyPanel.range(all.flatMap(\.seconds))
        let spectrum = SpectrumPanel.range(all.flatMap(\.phases))
        let name = variant.loads.count > 1 ? "\(load.name): " : ""
        let arrival = load.arrival.map { "\($0); " } ?? ""
        let kinds = RatePanel.kinds.filter { kind in load.phases.contains { ($0.outcomes[kind.kind.rawValue] ?? 0) > 0 } }
        let measured = load.phases.filter { phase in phases.contains { $0.name == phase.phase && $0.isMeasured } }
        return """
            <h3>\(Markup.escape(name))Calls by outcome<small>\(Markup.escape(arrival))per second of the intended start</small></h3>
            \(legend(kinds.map { ("o-\($0.kind.rawValue)", $0.label) }))
            \(RatePanel.svg(load.seconds, maximum: rate, time: time))
            <h3>\(Markup.escape(name))Latency of answers<small>from the intended start, log scale</small></h3>
            \(latency.map { LatencyPanel.svg(load.seconds, range: $0, time: time) } ?? "<p class=\"soft\">Nothing was answered.</p>")
            <h3>\(Markup.escape(name))Attempts per call</h3>
            \(AttemptsPanel.svg(load.seconds, maximum: attempts, time: time))
            \(occupancy(load, name))
            <h3>\(Markup.escape(name))Latency spectrum<small>share of answers that took at most this long</small></h3>
            \(legend(measured.enumerated().filter { !$1.spectrum.isEmpty }.map { ("s-\($0 % 4)", $1.phase) }))
            \(spectrum.map { SpectrumPanel.svg(measured, range: $0) } ?? "")
            <h3>\(Markup.escape(name))Totals by phase</h3>
            \(PhaseTable.html(load.phases, phases))
            """
    }

    /// Nothing where nobody looked at the service, as in results of earlier versions.
    private func occupancy(_ load: LoadResult, _ name: String) -> String {
        let legend = OccupancyPanel.legend(load.seconds)
        guard !legend.isEmpty else { return "" }
        return """
            <h3>\(Markup.escape(name))Service occupancy<small>the most at once in each second, on a scale of its own</small></h3>
            \(self.legend(legend))
            \(OccupancyPanel.svg(load.seconds, time: time))
            """
    }

    private func legend(_ entries: [(name: String, label: String)]) -> String {
        let items = entries.map { "<span><i class=\"\($0.name)\"></i>\(Markup.escape($0.label))</span>" }
        return "<div class=\"legend\">\(items.joined())</div>"
    }
}
