/// A bucket into which permits flow evenly and which holds a bounded number of them.
///
/// Exact: a permit is counted in units of 1/`permits` of a nanosecond's flow, so nothing is rounded away however odd the rate.
struct TokenBucket {
    private let permits: Int64
    /// One permit, in units; a nanosecond brings `permits` units.
    private let unit: Int64
    private let capacity: Int64
    private var level: Int64
    private var updated: Instant

    /// Makes a full bucket.
    init(permits: Int, per: Duration, burst: Int, now: Instant) {
        self.permits = Int64(permits)
        unit = per.nanoseconds
        capacity = unit * Int64(burst)
        level = capacity
        updated = now
    }

    /// Whole permits in the bucket.
    var available: Int { Int(level / unit) }

    /// Lets flow in what has come since the last time.
    mutating func refill(_ now: Instant) {
        let elapsed = updated.duration(to: now).nanoseconds
        guard elapsed > 0 else { return }
        updated = now
        let (inflow, overflow) = elapsed.multipliedReportingOverflow(by: permits)
        level = overflow ? capacity : min(capacity, level.addingSaturating(inflow))
    }

    /// Takes permits if there are enough.
    mutating func take(_ count: Int) -> Bool {
        let cost = cost(count)
        guard level >= cost else { return false }
        level -= cost
        return true
    }

    /// How long until that many permits will be there; nil if they never can be at once.
    func wait(for count: Int) -> Duration? {
        cost(count) <= capacity ? flowTime(of: count) : nil
    }

    /// How long until that many permits will have flowed in, one after the other, taken as they come.
    func flowTime(of count: Int) -> Duration {
        let missing = cost(count).subtractingSaturating(level)
        guard missing > 0 else { return .zero }
        return .nanoseconds(missing / permits + (missing % permits > 0 ? 1 : 0))
    }

    /// Takes over the saved-up share of another bucket, as far as it fits.
    mutating func inherit(_ other: TokenBucket) {
        let share = Double(other.level) / Double(other.unit)
        level = min(capacity, Int64(saturating: share * Double(unit)))
    }

    private func cost(_ count: Int) -> Int64 {
        let (cost, overflow) = unit.multipliedReportingOverflow(by: Int64(count))
        return overflow ? .max : cost
    }
}
