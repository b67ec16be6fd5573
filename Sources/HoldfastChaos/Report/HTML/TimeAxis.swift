/// The time axis of a report: how long it is, where it has ticks, and what lies along it.
struct TimeAxis {
    /// Seconds.
    let end: Double
    /// Stretches in which at least one fault was in force, joined so that their shades do not add up.
    let shades: [(start: Double, end: Double)]
    /// Where one phase ends and the next begins.
    let borders: [Double]
    /// Where other policies came into force.
    let reloads: [Double]
    /// Seconds that one mark of a panel stands for; above 1 in runs too long to draw each second.
    let step: Int

    /// The most marks side by side that can be told apart.
    private static let maximumMarks = 160

    init(phases: [RunResult.PhaseSpan], faults: [FaultResult], reloads: [VariantResult.Reload] = []) {
        self.reloads = reloads.map(\.at)
        end = max(phases.last?.end ?? 0, 1)
        borders = phases.dropLast().map(\.end)
        step = (Int(end.rounded(.up)) + Self.maximumMarks - 1) / Self.maximumMarks
        var shades: [(start: Double, end: Double)] = []
        for fault in faults.sorted(by: { $0.start < $1.start }) {
            if let last = shades.last, fault.start <= last.end {
                shades[shades.count - 1].end = max(last.end, fault.end)
            } else {
                shades.append((fault.start, fault.end))
            }
        }
        self.shades = shades
    }

    var ticks: [Double] {
        let steps: [Double] = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400]
        let distance = steps.first { end / $0 <= 9 } ?? 14_400
        return Array(stride(from: 0, through: end, by: distance))
    }

    func label(_ seconds: Double) -> String {
        if seconds < 120 { return "\(Figure.short(seconds)) s" }
        return seconds < 7200 ? "\(Figure.short(seconds / 60, 1)) min" : "\(Figure.short(seconds / 3600, 1)) h"
    }

    /// The seconds of a load, cut into the marks that a panel draws.
    func marks(_ seconds: [SecondResult]) -> [ArraySlice<SecondResult>] {
        stride(from: 0, to: seconds.count, by: step).map { seconds[$0..<min($0 + step, seconds.count)] }
    }

    /// `12 s`, or `12–14 s` for a mark of several seconds.
    func name(_ mark: ArraySlice<SecondResult>) -> String {
        guard let first = mark.first, let last = mark.last else { return "" }
        return first.second == last.second ? "second \(first.second)" : "seconds \(first.second) to \(last.second)"
    }
}
