import Holdfast

/// Figures as people read them, without a locale.
package enum Figure {
    /// A number with a fixed count of decimals.
    package static func decimal(_ value: Double, _ places: Int) -> String {
        guard value.isFinite else { return "–" }
        let scale = (0..<places).reduce(1.0) { product, _ in product * 10 }
        let scaled = Int64(saturating: (abs(value) * scale).rounded())
        let sign = value < 0 && scaled != 0 ? "-" : ""
        let digits = String(scaled)
        guard places > 0 else { return sign + digits }
        let padded = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
        return "\(sign)\(padded.dropLast(places)).\(padded.suffix(places))"
    }

    /// A number with at most that many decimals: `0.6`, `12`.
    package static func short(_ value: Double, _ places: Int = 2) -> String {
        var text = decimal(value, places)
        guard text.contains(".") else { return text }
        while text.hasSuffix("0") { text.removeLast() }
        if text.hasSuffix(".") { text.removeLast() }
        return text
    }

    /// A ratio 0...1 as a percentage. It is 100 % or 0 % only if it is exactly that: 99.996 % does not read as perfect.
    package static func percent(_ ratio: Double) -> String {
        let text = short(ratio * 100, 2)
        if text == "100", ratio < 1 { return "99.99 %" }
        if text == "0", ratio > 0 { return "0.01 %" }
        return text + " %"
    }

    /// Seconds in the unit that fits: `870 µs`, `12.4 ms`, `1.25 s`.
    package static func time(_ seconds: Double) -> String {
        let size = abs(seconds)
        if size == 0 { return "0 s" }
        if size < 0.9995e-3 { return short(seconds * 1e6, 0) + " µs" }
        if size < 0.9995 { return short(seconds * 1e3, size < 0.1 ? 1 : 0) + " ms" }
        return short(seconds, 2) + " s"
    }

    /// A metric's value.
    package static func text(_ value: Double, _ unit: Metric.Unit) -> String {
        switch unit {
        case .ratio: percent(value)
        case .number: short(value, 3)
        case .time: time(value)
        }
    }

    /// The distance of two values of a metric, with its sign.
    package static func margin(_ difference: Double, _ unit: Metric.Unit) -> String {
        let size =
            switch unit {
            case .ratio: "\(short(abs(difference) * 100, 2)) points"
            case .number: short(abs(difference), 3)
            case .time: time(abs(difference))
            }
        return (difference < 0 ? "−" : "+") + size
    }

    /// A count with its noun.
    package static func count(_ number: Int, _ noun: String, plural: String? = nil) -> String {
        "\(number) \(number == 1 ? noun : plural ?? noun + "s")"
    }
}
