/// Calls per second by outcome, stacked: what users asked for, and what became of it.
enum RatePanel {
    /// From the bottom up: answers first, so that all that was not answered stands out on top.
    static let kinds: [(kind: CallOutcome.Kind, label: String)] = [
        (.success, "success"), (.fallback, "fallback"), (.rejected, "rejected"), (.timeout, "timeout"), (.error, "error"),
        (.cancelled, "cancelled"), (.indeterminate, "indeterminate"), (.loadDropped, "load dropped"),
    ]

    static func svg(_ seconds: [SecondResult], maximum: Double, time: TimeAxis) -> String {
        let scale = Scale.linear(to: maximum) { Figure.short($0) }
        var plot = Plot(time: time, height: 170)
        plot.drawGround()
        plot.drawGrid(scale.ticks)
        for mark in time.marks(seconds) {
            guard let first = mark.first else { continue }
            let (left, right) = (plot.x(Double(first.second)), plot.x(min(Double(first.second + mark.count), time.end)))
            var sum = 0.0
            for (kind, _) in kinds {
                let rate = rate(of: kind, in: mark)
                guard rate > 0 else { continue }
                plot.rectangle(
                    from: left + 0.4, to: right - 0.4, top: plot.y(scale.share(sum + rate)), bottom: plot.y(scale.share(sum)),
                    class: "o-\(kind.rawValue)")
                sum += rate
            }
            plot.rectangle(
                from: left, to: right, top: plot.plotTop, bottom: plot.plotBottom, class: "hover", title: tip(mark, time))
        }
        plot.drawTimeAxis()
        return plot.svg("Calls per second by outcome")
    }

    /// The highest rate of all marks.
    static func maximum(_ seconds: [SecondResult], time: TimeAxis) -> Double {
        time.marks(seconds).map { mark in kinds.reduce(0) { $0 + rate(of: $1.kind, in: mark) } }.max() ?? 0
    }

    private static func rate(of kind: CallOutcome.Kind, in mark: ArraySlice<SecondResult>) -> Double {
        Double(mark.reduce(0) { $0 + ($1.outcomes[kind.rawValue] ?? 0) }) / Double(max(mark.count, 1))
    }

    private static func tip(_ mark: ArraySlice<SecondResult>, _ time: TimeAxis) -> String {
        let parts = kinds.compactMap { kind, label in
            let rate = rate(of: kind, in: mark)
            return rate > 0 ? "\(label) \(Figure.short(rate, 1))/s" : nil
        }
        return "\(time.name(mark)): \(parts.isEmpty ? "no calls" : parts.joined(separator: ", "))"
    }
}
