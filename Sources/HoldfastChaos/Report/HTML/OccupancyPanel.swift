/// What the service of a load has to do: its busy workers, the line in front of them, and the limit that an adaptive limiter sets its
/// callers.
enum OccupancyPanel {
    private static let series: [(name: String, label: String, value: @Sendable (SecondResult) -> Int?)] = [
        ("q-waiting", "waiting", \.waiting), ("q-busy", "busy workers", \.busy), ("q-limit", "adaptive limit", \.limit),
    ]

    /// On a scale of its own: a line that grows without bound would leave nothing to see of one that is kept short.
    static func svg(_ seconds: [SecondResult], time: TimeAxis) -> String {
        let maximum = seconds.flatMap { second in series.compactMap { $0.value(second) } }.max() ?? 0
        let scale = Scale.linear(to: Double(maximum)) { Figure.short($0) }
        var plot = Plot(time: time, height: 110)
        plot.drawGround()
        plot.drawGrid(scale.ticks)
        let marks = time.marks(seconds)
        for (name, _, value) in series {
            let points = marks.map { mark -> (x: Double, y: Double)? in
                guard let first = mark.first, let most = mark.compactMap(value).max() else { return nil }
                return (plot.x(Double(first.second) + Double(mark.count) / 2), plot.y(scale.share(Double(most))))
            }
            plot.path(points, class: "line \(name)")
        }
        for mark in marks {
            guard let first = mark.first else { continue }
            let parts = series.compactMap { _, label, value in mark.compactMap(value).max().map { "\(label) \($0)" } }
            let tip = parts.isEmpty ? "the service did not tell" : parts.joined(separator: ", ")
            plot.rectangle(
                from: plot.x(Double(first.second)), to: plot.x(Double(first.second + mark.count)), top: plot.plotTop,
                bottom: plot.plotBottom, class: "hover", title: "\(time.name(mark)): \(tip)")
        }
        plot.drawTimeAxis()
        return plot.svg("Busy workers and waiting calls of the service")
    }

    /// Of what is there to see.
    static func legend(_ seconds: [SecondResult]) -> [(name: String, label: String)] {
        series.filter { series in seconds.contains { series.value($0) != nil } }.map { ($0.name, $0.label) }
    }
}
