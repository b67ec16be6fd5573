/// The latency spectrum: how long the answer took for each share of the calls, a line for each measured phase.
///
/// The axis stretches towards the slow end, as in HdrHistogram's plots: from one tick to the next, ten times fewer calls.
enum SpectrumPanel {
    private static let labels = ["0 %", "25", "50", "75", "90", "95", "99", "99.5", "99.9", "99.99", "max"]

    static func svg(_ phases: [PhaseResult], range: ClosedRange<Double>) -> String {
        // The points stand side by side at equal distances: the fractions grow about like their logarithm already.
        let last = Double(labels.count - 1)
        let axis = TimeAxis(phases: [.init(name: "", start: 0, end: last, isMeasured: true, isGate: false)], faults: [])
        let scale = Scale.logarithmic(range) { Figure.time($0 / 1000) }
        var plot = Plot(time: axis, height: 170)
        plot.drawGrid(scale.ticks)
        for (index, label) in labels.enumerated() {
            plot.text(label, x: plot.x(Double(index)), y: plot.plotBottom + 15, class: "tick middle")
        }
        for (index, phase) in phases.enumerated() where phase.spectrum.count == labels.count {
            let points = phase.spectrum.enumerated().map { position, value -> (x: Double, y: Double)? in
                (plot.x(Double(position)), plot.y(scale.share(value)))
            }
            plot.path(points, class: "line s-\(index % 4)")
        }
        plot.line(Plot.left, plot.plotBottom, Plot.width - Plot.right, plot.plotBottom, class: "axis")
        return plot.svg("Latency spectrum by phase")
    }

    static func range(_ phases: [PhaseResult]) -> ClosedRange<Double>? {
        let values = phases.flatMap(\.spectrum).filter { $0 > 0 }
        guard let lower = values.min(), let upper = values.max() else { return nil }
        return lower...upper
    }
}
