import Foundation

/// The results of several rounds of one measurement.
struct Rounds {
    private var values: [Double] = []

    mutating func add(_ value: Double) {
        values.append(value)
    }

    var count: Int { values.count }

    /// The middle value; not the mean, which one disturbed round moves.
    var median: Double {
        let sorted = values.sorted()
        guard !sorted.isEmpty else { return .nan }
        let middle = sorted.count / 2
        return sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
    }

    /// Median, then the best and the worst round.
    func text(decimals: Int = 0) -> String {
        guard let least = values.min(), let most = values.max() else { return "" }
        return "\(median.text(decimals)) (\(least.text(decimals))-\(most.text(decimals)))"
    }
}

extension Double {
    /// With so many decimals, and thousands apart.
    func text(_ decimals: Int = 0) -> String {
        guard isFinite else { return "" }
        let plain = String(format: "%.\(decimals)f", abs(self))
        let parts = plain.split(separator: ".")
        var whole = ""
        for (index, digit) in parts[0].reversed().enumerated() {
            if index > 0, index.isMultiple(of: 3) { whole.append(",") }
            whole.append(digit)
        }
        let fraction = parts.count > 1 ? "." + parts[1] : ""
        return (self < 0 ? "-" : "") + String(whole.reversed()) + fraction
    }
}
