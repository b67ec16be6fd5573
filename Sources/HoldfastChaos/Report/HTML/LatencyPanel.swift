/// Latency percentiles of answered calls on a log scale, from the intended start.
enum LatencyPanel {
    private static let series: [(label: String, name: String, value: @Sendable (SecondResult) -> Double?)] = [
        ("max", "l-max", \.maximum), ("p99", "l-p99", \.p99), ("p90", "l-p90", \.p90), ("p50", "l-p50", \.p50),
    ]

    static func svg(_ seconds: [SecondResult], range: ClosedRange<Double>, time: TimeAxis) -> String {
        let scale = Scale.logarithmic(range) { Figure.time($0 / 1000) }
        var plot = Plot(time: time, height: 170)
        plot.drawGround()
        plot.drawGrid(scale.ticks)
        let marks = time.marks(seconds)
        var labelBottoms: [Double] = []
        for (label, name, value) in series {
            let points = marks.map { mark -> (x: Double, y: Double)? in
                guard let first = mark.first, let worst = mark.compactMap(value).max() else { return nil }
                return (plot.x(Double(first.second) + Double(mark.count) / 2), plot.y(scale.share(worst)))
            }
            plot.path(points, class: "line \(name)")
            guard let last = points.compactMap(\.self).last else { continue }
            // Labels stand at the ends of their lines, pushed down where they would overlap.
            let y = max(last.y + 4, (labelBottoms.last ?? -100) + 12)
            labelBottoms.append(y)
            plot.text(label, x: Plot.width - Plot.right + 5, y: y, class: "series \(name)")
        }
        for mark in marks {
            guard let first = mark.first else { continue }
            plot.rectangle(
                from: plot.x(Double(first.second)), to: plot.x(Double(first.second + mark.count)), top: plot.plotTop,
                bottom: plot.plotBottom, class: "hover", title: tip(mark, time))
        }
        plot.drawTimeAxis()
        return plot.svg("Latency of answered calls")
    }

    /// All latencies that the panels show, so that the variants get one scale; nil where nothing was answered.
    static func range(_ seconds: [SecondResult]) -> ClosedRange<Double>? {
        let values = seconds.flatMap { second in series.compactMap { $0.value(second) } }.filter { $0 > 0 }
        guard let lower = values.min(), let upper = values.max() else { return nil }
        return lower...upper
    }

    private static func tip(_ mark: ArraySlice<SecondResult>, _ time: TimeAxis) -> String {
        let parts = series.reversed().compactMap { label, _, value in
            mark.compactMap(value).max().map { "\(label) \(Figure.time($0 / 1000))" }
        }
        return "\(time.name(mark)): \(parts.isEmpty ? "no answers" : parts.joined(separator: ", "))"
    }
}
