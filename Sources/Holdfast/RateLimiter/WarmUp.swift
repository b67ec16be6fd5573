/// How a rate grows evenly from a share of itself to all of it.
///
/// Seen from a bucket, time flows more slowly at first: what flows in is the area under the growing share. Reckoning it as a
/// time that everything else may go by keeps the bucket exact: two readings of ``flow(_:)`` never add up to more than the area.
struct WarmUp: Equatable {
    /// How long it takes, in nanoseconds.
    let over: Int64
    /// The share that it begins with.
    let from: Double

    /// The share of the rate, that long after the beginning.
    func share(_ elapsed: Int64) -> Double {
        elapsed >= over ? 1 : from + (1 - from) * Double(max(elapsed, 0)) / Double(over)
    }

    /// The slowed time, that long after the beginning; it never runs backwards.
    func flow(_ elapsed: Int64) -> Int64 {
        guard elapsed > 0 else { return 0 }
        guard elapsed <= over else { return area(over).addingSaturating(elapsed - over) }
        return area(elapsed)
    }

    /// How long after the beginning the slowed time gets there: the smallest number that ``flow(_:)`` gives as much for.
    func elapsed(_ flow: Int64) -> Int64 {
        guard flow <= area(over) else { return over.addingSaturating(flow - area(over)) }
        return Self.first(in: 0...over) { self.flow($0) >= flow }
    }

    /// The smallest number that a condition holds for which, once true, stays true; the last one if it holds for none before.
    static func first(in range: ClosedRange<Int64>, where condition: (Int64) -> Bool) -> Int64 {
        var (low, high) = (range.lowerBound, range.upperBound)
        while low < high {
            // The range may be wider than the largest number.
            let middle = low &+ Int64(UInt64(bitPattern: high &- low) / 2)
            if condition(middle) { high = middle } else { low = middle + 1 }
        }
        return low
    }

    private func area(_ elapsed: Int64) -> Int64 {
        let x = Double(elapsed)
        return min(elapsed, Int64(saturating: from * x + (1 - from) * x * x / (2 * Double(over))))
    }
}
