/// Attempts on the wire per call: above 1 where retries add load, below where a breaker spares the service.
enum AttemptsPanel {
    static func svg(_ seconds: [SecondResult], maximum: Double, time: TimeAxis) -> String {
        let scale = Scale.linear(to: max(maximum, 1)) { Figure.short($0) }
        var plot = Plot(time: time, height: 100)
        plot.drawGround()
        plot.drawGrid(scale.ticks)
        let marks = time.marks(seconds)
        let points = marks.map { mark -> (x: Double, y: Double)? in
            guard let first = mark.first, let value = ratio(mark) else { return nil }
            return (plot.x(Double(first.second) + Double(mark.count) / 2), plot.y(scale.share(value)))
        }
        plot.path(points, class: "line l-attempts")
        for mark in marks {
            guard let first = mark.first else { continue }
            let tip = ratio(mark).map { "\(Figure.short($0)) attempts per call" } ?? "no calls"
            plot.rectangle(
                from: plot.x(Double(first.second)), to: plot.x(Double(first.second + mark.count)), top: plot.plotTop,
                bottom: plot.plotBottom, class: "hover", title: "\(time.name(mark)): \(tip)")
        }
        plot.drawTimeAxis()
        return plot.svg("Attempts per call")
    }

    static func maximum(_ seconds: [SecondResult], time: TimeAxis) -> Double {
        time.marks(seconds).compactMap(ratio).max() ?? 0
    }

    private static func ratio(_ mark: ArraySlice<SecondResult>) -> Double? {
        let calls = mark.reduce(0) { $0 + $1.calls }
        return calls > 0 ? Double(mark.reduce(0) { $0 + $1.attempts }) / Double(calls) : nil
    }
}
