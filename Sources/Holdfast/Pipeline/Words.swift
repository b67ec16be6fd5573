/// How settings read in the sentences of summaries and lints: exact, with the shortest unit that needs no long number.
package enum Words {
    private static let units: [(nanoseconds: Int64, digits: Int, name: String)] = [
        (1_000_000_000, 9, "s"), (1_000_000, 6, "ms"), (1_000, 3, "µs"), (1, 0, "ns"),
    ]

    /// `250 ms`, `1.5 s`, `10 min`; of a sum that was too large to be held, what it is above.
    package static func time(_ nanoseconds: Int64) -> String {
        if nanoseconds == .max { return "more than 292 years" }
        for (unit, name) in [(3_600_000_000_000, "h"), (60_000_000_000, "min")] as [(Int64, String)]
        where nanoseconds >= 2 * unit && nanoseconds % unit == 0 {
            return "\(nanoseconds / unit) \(name)"
        }
        for unit in units where nanoseconds >= unit.nanoseconds {
            let (whole, rest) = nanoseconds.quotientAndRemainder(dividingBy: unit.nanoseconds)
            guard rest > 0 else { return "\(whole) \(unit.name)" }
            var decimals = String(rest)
            decimals = String(repeating: "0", count: unit.digits - decimals.count) + decimals
            while decimals.last == "0" { decimals.removeLast() }
            return "\(whole).\(decimals) \(unit.name)"
        }
        return "0 s"
    }

    /// The same of a duration.
    package static func time(_ duration: Duration) -> String { time(duration.nanoseconds) }

    /// A share from 0 to 1: `50 %`, `12.5 %`, four decimals at most.
    package static func percent(_ share: Double) -> String { "\(number((share * 1_000_000).rounded() / 10_000)) %" }

    /// `2`, `1.5`.
    package static func number(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? "\(Int64(value))" : "\(value)"
    }

    /// `1 attempt`, `3 attempts`.
    package static func count(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }

    /// `100 calls a second`, `5 calls in 250 ms`.
    package static func rate(_ calls: Int, per period: Duration) -> String {
        switch period {
        case .seconds(1): "\(count(calls, "call")) a second"
        case .seconds(60): "\(count(calls, "call")) a minute"
        default: "\(count(calls, "call")) in \(time(period))"
        }
    }

    /// `a`, `a or b`, `a, b or c`.
    package static func list(_ items: [String], _ conjunction: String) -> String {
        guard let last = items.last, items.count > 1 else { return items.first ?? "" }
        return items.dropLast().joined(separator: ", ") + " \(conjunction) \(last)"
    }
}
