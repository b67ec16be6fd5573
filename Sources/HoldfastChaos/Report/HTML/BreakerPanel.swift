/// The states of the breakers over time, a strip for each.
enum BreakerPanel {
    private static let rowHeight = 20.0

    static func svg(_ breakers: [BreakerStrip], time: TimeAxis) -> String {
        var plot = Plot(time: time, height: rowHeight * Double(breakers.count) + 28)
        plot.drawGround()
        for (row, breaker) in breakers.enumerated() {
            let top = plot.plotTop + Double(row) * rowHeight
            // A half-open spell may be too short to see; it is drawn last and some pixels wide at least.
            for spell in breaker.spells.filter({ $0.state != .halfOpen }) + breaker.spells.filter({ $0.state == .halfOpen }) {
                let (left, right) = (plot.x(spell.start), plot.x(min(spell.end, time.end)))
                let tip = "\(breaker.name) \(label(spell.state)) from \(Figure.short(spell.start)) s to \(Figure.short(spell.end)) s"
                plot.rectangle(
                    from: left, to: max(right, left + 2.6), top: top, bottom: top + rowHeight - 4, class: "b-\(spell.state.rawValue)",
                    title: tip)
                if right - left > 52 {
                    plot.text(label(spell.state), x: (left + right) / 2, y: top + 12, class: "inside middle")
                }
            }
        }
        plot.drawTimeAxis()
        return plot.svg("Breaker states")
    }

    static func label(_ state: BreakerState) -> String {
        state == .halfOpen ? "half-open" : state.rawValue
    }
}
