#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A scale of values: it turns a value into a share 0...1 of a chart's height, and chooses round ticks.
struct Scale {
    private let lower: Double
    private let upper: Double
    private let isLogarithmic: Bool
    let ticks: [(share: Double, label: String)]

    func share(_ value: Double) -> Double {
        guard isLogarithmic else { return (value - lower) / (upper - lower) }
        return (log10(max(value, lower)) - log10(lower)) / (log10(upper) - log10(lower))
    }

    /// A scale from 0 to a round number not below `maximum`.
    static func linear(to maximum: Double, label: (Double) -> String) -> Scale {
        let maximum = max(maximum, 1e-9)
        let magnitude = pow(10, floor(log10(maximum / 3)))
        let step = [1, 2, 2.5, 5, 10].map { $0 * magnitude }.first { maximum / $0 <= 4 } ?? 10 * magnitude
        let upper = (maximum / step).rounded(.up) * step
        let count = Int((upper / step).rounded())
        return Scale(
            lower: 0, upper: upper, isLogarithmic: false,
            ticks: (0...count).map { (Double($0) / Double(count), label(Double($0) * step)) })
    }

    /// A scale over whole powers of ten around the values, which are above zero.
    static func logarithmic(_ range: ClosedRange<Double>, label: (Double) -> String) -> Scale {
        let first = floor(log10(max(range.lowerBound, 1e-3)) + 1e-9)
        let last = max(first + 1, ceil(log10(max(range.upperBound, 1e-3)) - 1e-9))
        return Scale(
            lower: pow(10, first), upper: pow(10, last), isLogarithmic: true,
            ticks: stride(from: first, through: last, by: 1).map { (($0 - first) / (last - first), label(pow(10, $0))) })
    }
}
