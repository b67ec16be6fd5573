/// Which values a field takes, for the schema and the reference page; the core refuses the others.
package struct Bounds<Value: Comparable & Sendable>: Sendable {
    /// The lowest value, or what all are above; nil for no bound.
    package var lower: Value?
    /// The highest value, or what all are below; nil for no bound.
    package var upper: Value?
    /// Whether ``lower`` itself is out of bounds.
    package var excludesLower = false
    /// Whether ``upper`` itself is out of bounds.
    package var excludesUpper = false

    package static func within(_ range: ClosedRange<Value>) -> Bounds { Bounds(lower: range.lowerBound, upper: range.upperBound) }
    package static func atLeast(_ lower: Value) -> Bounds { Bounds(lower: lower) }
    package static func above(_ lower: Value) -> Bounds { Bounds(lower: lower, excludesLower: true) }
    package static func above(_ lower: Value, upTo upper: Value) -> Bounds { Bounds(lower: lower, upper: upper, excludesLower: true) }
    static func from(_ lower: Value, below upper: Value) -> Bounds { Bounds(lower: lower, upper: upper, excludesUpper: true) }
    static func between(_ lower: Value, _ upper: Value) -> Bounds {
        Bounds(lower: lower, upper: upper, excludesLower: true, excludesUpper: true)
    }

    /// The bounds in words: `1 to 100`, `above 0s`, `above 0, below 1`; empty if there are none.
    func words(_ text: (Value) -> String) -> String {
        if let lower, let upper, !excludesLower, !excludesUpper { return "\(text(lower)) to \(text(upper))" }
        let from = lower.map { excludesLower ? "above \(text($0))" : "\(text($0)) or more" }
        let to = upper.map { excludesUpper ? "below \(text($0))" : "at most \(text($0))" }
        return [from, to].compactMap { $0 }.joined(separator: ", ")
    }
}
