internal import Histogram

/// Times with a bounded relative error, made when the first one is recorded, so that empty ones cost nothing.
package struct LatencyHistogram: Sendable {
    /// How exactly a histogram tells times apart.
    package enum Precision: Sendable {
        /// To a thousandth: for what is asserted.
        case fine
        /// To a hundredth, in a tenth of the memory: for one of many short bins.
        case coarse
    }

    /// An hour; what takes longer is recorded as that.
    private static let maximum: UInt64 = 3_600_000_000_000

    private let precision: Precision
    private var histogram: Histogram<UInt32>?
    /// Of all times, in nanoseconds.
    private var sum = 0.0

    package init(_ precision: Precision) {
        self.precision = precision
    }

    package var count: Int {
        histogram.map { Int($0.totalCount) } ?? 0
    }

    /// Adds a time in nanoseconds; one below zero counts as zero.
    package mutating func record(_ nanoseconds: Int64) {
        if histogram == nil { histogram = make() }
        let time = min(UInt64(clamping: nanoseconds), Self.maximum)
        histogram?.record(time)
        sum += Double(time)
    }

    /// Adds all times of another histogram.
    package mutating func merge(_ other: LatencyHistogram) {
        guard let theirs = other.histogram else { return }
        if histogram == nil { histogram = make() }
        histogram?.add(theirs)
        sum += other.sum
    }

    /// The time, in seconds, that a fraction 0...1 of the times does not exceed; nil if there are none.
    package func seconds(at fraction: Double) -> Double? {
        guard let histogram, histogram.totalCount > 0 else { return nil }
        return Double(histogram.valueAtPercentile(fraction * 100)) / 1e9
    }

    /// The mean of the times, in seconds, exact but for what a sum of many loses; nil if there are none.
    package var mean: Double? {
        count > 0 ? sum / Double(count) / 1e9 : nil
    }

    private func make() -> Histogram<UInt32> {
        // A microsecond is the finest that is told apart. Bins grow with what they see; a phase is sized for all at once.
        var histogram = Histogram<UInt32>(
            lowestDiscernibleValue: 1000,
            highestTrackableValue: precision == .fine ? Self.maximum : 100_000_000,
            numberOfSignificantValueDigits: precision == .fine ? .three : .two
        )
        histogram.autoResize = true
        return histogram
    }
}
