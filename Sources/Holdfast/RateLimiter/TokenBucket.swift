/// A bucket into which permits flow evenly and which holds a bounded number of them, kept as what it lacks to be full.
///
/// That is the generic cell rate algorithm (ITU-T I.371, appendix A): the debt is how far its theoretical arrival time lies ahead.
/// Exact: with permits and period divided by their greatest common divisor, a nanosecond brings a whole number of units and a
/// permit costs a whole number of them, so nothing is rounded away however odd the rate.
struct TokenBucket: Equatable {
    /// What the bucket is judged by, in units.
    struct Terms: Hashable {
        /// No bucket holds more, and no request costs more, so that sums of a few stay within 63 bits.
        static let limit: Int64 = 1 << 60

        /// What a nanosecond brings; 0 for a bucket that is filled up by other means.
        let inflow: Int64
        /// What a permit costs.
        let unit: Int64
        /// What a full bucket holds.
        let capacity: Int64
        /// Whether a request may start as soon as one permit is there, and the next one waits for all that it cost.
        let isPaced: Bool

        init(inflow: Int64, unit: Int64, capacity: Int64, isPaced: Bool = false) {
            self.inflow = inflow
            self.unit = unit
            self.capacity = capacity
            self.isPaced = isPaced
        }

        /// `permits` each `nanoseconds`, at most `burst` of them saved up; nil if that is more than can be counted.
        init?(permits: Int, nanoseconds: Int64, burst: Int, isPaced: Bool = false) {
            let divisor = Self.greatestCommonDivisor(Int64(permits), nanoseconds)
            let unit = nanoseconds / divisor
            let (capacity, overflow) = unit.multipliedReportingOverflow(by: Int64(burst))
            guard !overflow, capacity <= Self.limit else { return nil }
            self.init(inflow: Int64(permits) / divisor, unit: unit, capacity: capacity, isPaced: isPaced)
        }

        /// What that many permits cost; nil if they can never be had.
        func cost(of permits: Int) -> Int64? {
            let (cost, overflow) = unit.multipliedReportingOverflow(by: Int64(permits))
            guard !overflow, cost <= (isPaced ? Self.limit : capacity) else { return nil }
            return cost
        }

        private static func greatestCommonDivisor(_ a: Int64, _ b: Int64) -> Int64 {
            var (a, b) = (a, b)
            while b != 0 { (a, b) = (b, a % b) }
            return a
        }
    }

    /// What is missing; can exceed the capacity when paced, or when the capacity has shrunk.
    private(set) var debt: Int64
    /// Until when the inflow is counted, in nanoseconds.
    private(set) var updated: Int64

    /// A bucket that lacks `debt` units.
    init(debt: Int64 = 0, updated: Int64) {
        self.debt = debt
        self.updated = updated
    }

    /// Lets flow in what has come since the last time; an earlier time changes nothing.
    mutating func flow(until now: Int64, _ terms: Terms) {
        let elapsed = now.subtractingSaturating(updated)
        guard elapsed > 0 else { return }
        updated = now
        let (inflow, overflow) = elapsed.multipliedReportingOverflow(by: terms.inflow)
        debt = overflow ? 0 : max(debt - inflow, 0)
    }

    /// Nanoseconds from ``updated`` until that many permits can be taken, 0 for at once; nil if they never can.
    func wait(for permits: Int, _ terms: Terms) -> Int64? {
        guard let cost = terms.cost(of: permits) else { return nil }
        let excess = debt + (terms.isPaced ? terms.unit : cost) - terms.capacity
        guard excess > 0 else { return 0 }
        guard terms.inflow > 0 else { return .max }
        return (excess - 1) / terms.inflow + 1
    }

    /// Takes that many permits, which ``wait(for:_:)`` said are there.
    mutating func take(_ permits: Int, _ terms: Terms) {
        debt += terms.cost(of: permits) ?? 0
    }

    /// Whole permits in the bucket.
    func available(_ terms: Terms) -> Int {
        Int(max(terms.capacity - debt, 0) / terms.unit)
    }

    /// The same permits in a bucket of other terms, as far as they fit; what is owed stays owed.
    func converted(from old: Terms, to new: Terms) -> TokenBucket {
        let level = old.capacity - debt
        let product = level.magnitude.multipliedFullWidth(by: UInt64(new.unit))
        var scaled = Terms.limit
        if product.high < UInt64(old.unit) {
            // Rounded down, so that a change gives nothing away.
            let (quotient, remainder) = UInt64(old.unit).dividingFullWidth(product)
            let rounded = quotient &+ (level < 0 && remainder > 0 ? 1 : 0)
            scaled = Int64(min(rounded, UInt64(Terms.limit)))
        }
        let debt = new.capacity - min(level < 0 ? -scaled : scaled, new.capacity)
        return TokenBucket(debt: debt, updated: updated)
    }
}
