/// What a metric is compared with.
package struct Bound: Sendable, Hashable {
    package enum Comparison: String, Sendable, Hashable, CaseIterable {
        case atLeast = ">="
        case atMost = "<="
        case above = ">"
        case below = "<"
    }

    package var comparison: Comparison
    /// In the metric's own unit: a ratio, attempts per call, or seconds.
    package var value: Double

    package init(_ comparison: Comparison, _ value: Double) {
        self.comparison = comparison
        self.value = value
    }

    package func admits(_ observed: Double) -> Bool {
        switch comparison {
        case .atLeast: observed >= value
        case .atMost: observed <= value
        case .above: observed > value
        case .below: observed < value
        }
    }

    /// How far `observed` is on the right side; negative on the wrong one.
    package func margin(of observed: Double) -> Double {
        switch comparison {
        case .atLeast, .above: observed - value
        case .atMost, .below: value - observed
        }
    }

    /// The comparison in words, to stand before the value.
    package var words: String {
        switch comparison {
        case .atLeast: "at least"
        case .atMost: "at most"
        case .above: "more than"
        case .below: "less than"
        }
    }
}
