/// The phases, the faults and the policies that came later, each as a bar along the time axis: the key to the shades of all panels below.
enum TimelinePanel {
    private static let rowHeight = 18.0

    static func svg(
        _ phases: [RunResult.PhaseSpan], _ faults: [FaultResult], _ reloads: [VariantResult.Reload] = [], time: TimeAxis
    ) -> String {
        var plot = Plot(time: time, height: rowHeight * Double(faults.count + reloads.count + 1) + 30)
        plot.drawGround()
        for phase in phases {
            let name = phase.isGate ? "phase gate" : phase.isMeasured ? "phase" : "phase unmeasured"
            let note = phase.isGate ? ", the gate" : phase.isMeasured ? "" : ", not measured"
            bar(&plot, phase.start, phase.end, row: 0, class: name, "\(phase.name)\(note): \(span(phase.start, phase.end))")
            label(&plot, phase.name, phase.start, phase.end, row: 0)
        }
        for (index, fault) in faults.enumerated() {
            let hits = Figure.count(fault.hits, "hit")
            let tip = "\(fault.id), \(fault.kind) on \(fault.target): \(span(fault.start, fault.end)), \(hits)"
            bar(&plot, fault.start, fault.end, row: index + 1, class: "fault", tip)
            label(&plot, "\(fault.id) · \(hits)", fault.start, fault.end, row: index + 1)
        }
        for (index, reload) in reloads.enumerated() {
            let row = faults.count + index + 1
            let name = reload.policies.split(separator: "/").last.map(String.init) ?? reload.policies
            bar(
                &plot, reload.at, reload.at + time.end / 100, row: row, class: "reload",
                "\(reload.policies) from \(Figure.short(reload.at)) s on")
            label(&plot, "policies of \(name)", reload.at, reload.at + time.end / 100, row: row)
        }
        plot.drawTimeAxis()
        return plot.svg("Phases and faults over time")
    }

    private static func bar(_ plot: inout Plot, _ start: Double, _ end: Double, row: Int, class name: String, _ tip: String) {
        let top = plot.plotTop + Double(row) * rowHeight
        plot.rectangle(
            from: plot.x(start) + 0.5, to: plot.x(end) - 0.5, top: top, bottom: top + rowHeight - 3, class: name, title: tip)
    }

    /// Inside the bar if it fits, beside it otherwise, on the side where there is room.
    private static func label(_ plot: inout Plot, _ text: String, _ start: Double, _ end: Double, row: Int) {
        let baseline = plot.plotTop + Double(row) * rowHeight + 11.5
        let width = Double(text.count) * 6.2 + 8
        let (left, right) = (plot.x(start), plot.x(end))
        if right - left >= width {
            plot.text(text, x: (left + right) / 2, y: baseline, class: "inside middle")
        } else if right - left >= width * 0.72 - 8 {
            plot.text(text, x: (left + right) / 2, y: baseline - 0.5, class: "inside middle tiny")
        } else if row > 0, Plot.width - right >= width {
            plot.text(text, x: right + 4, y: baseline, class: "beside")
        } else if row > 0, left >= width {
            plot.text(text, x: left - 4, y: baseline, class: "beside end")
        }
    }

    private static func span(_ start: Double, _ end: Double) -> String {
        "\(Figure.short(start)) s to \(Figure.short(end)) s"
    }
}
