/// How a claim's figure is spread over the seeds: a dot for each, stacked where they would cover each other, and the bound.
enum SpreadPanel {
    private static let bins = 64

    /// Nil for a claim that is no figure, or was never taken.
    static func svg(_ claim: SweepResult.Claim) -> String? {
        guard let unit = claim.unit, let least = claim.values.min(), let most = claim.values.max() else { return nil }
        var (lower, upper) = (min(least, claim.bound ?? least), max(most, claim.bound ?? most))
        // A little room on both sides, and some width where all are the same.
        let room = upper > lower ? (upper - lower) * 0.05 : max(abs(upper) * 0.05, 1e-6)
        (lower, upper) = (lower - room, upper + room)
        let axis = TimeAxis(phases: [.init(name: "", start: 0, end: 1, isMeasured: true, isGate: false)], faults: [])
        var plot = Plot(time: axis, height: 74)
        func x(_ value: Double) -> Double { plot.x((value - lower) / (upper - lower)) }

        var counts = [Int](repeating: 0, count: bins)
        for value in claim.values { counts[min(Int((value - lower) / (upper - lower) * Double(bins)), bins - 1)] += 1 }
        let highest = Double(counts.max() ?? 1)
        let width = (Plot.width - Plot.left - Plot.right) / Double(bins)
        for (bin, count) in counts.enumerated() where count > 0 {
            let left = Plot.left + Double(bin) * width
            let from = lower + (upper - lower) * Double(bin) / Double(bins)
            plot.rectangle(
                from: left + 0.5, to: left + width - 0.5, top: plot.y(max(Double(count) / highest, 0.06)), bottom: plot.plotBottom,
                class: "o-success", title: "\(Figure.count(count, "seed")) from \(Figure.text(from, unit)) on")
        }
        if let bound = claim.bound {
            plot.line(x(bound), plot.plotTop, x(bound), plot.plotBottom, class: "bound")
        }
        plot.line(Plot.left, plot.plotBottom, Plot.width - Plot.right, plot.plotBottom, class: "axis")
        plot.text(Figure.text(least, unit), x: x(least), y: plot.plotBottom + 15, class: "tick middle")
        // Labels that would cover each other are left out: the ends say more than the bound, which stands in the text.
        if x(most) - x(least) > 60 { plot.text(Figure.text(most, unit), x: x(most), y: plot.plotBottom + 15, class: "tick middle") }
        if let bound = claim.bound, abs(x(bound) - x(least)) > 60, abs(x(bound) - x(most)) > 60 {
            plot.text(Figure.text(bound, unit), x: x(bound), y: plot.plotBottom + 15, class: "tick middle")
        }
        return plot.svg("Spread of \(claim.subject) over the seeds")
    }
}
