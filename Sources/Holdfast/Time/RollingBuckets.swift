/// Two sums over the last so many buckets of time, the newest of which is counted elsewhere: the arithmetic of ``RollingCounter``.
struct RollingBuckets {
    /// How long a bucket lasts, in nanoseconds.
    let length: Int64
    /// When the newest bucket ends, in nanoseconds.
    private(set) var headEnd: Int64
    /// The sums of the older buckets that are still within the window.
    private(set) var past = RollingCounter.Sums()

    /// The number of the newest bucket since the clock's origin.
    private var head: Int64
    private var entries: [RollingCounter.Sums]

    init(window: Duration, buckets: Int, now: Instant) {
        length = max(window.nanoseconds / Int64(buckets), 1)
        entries = Array(repeating: RollingCounter.Sums(), count: buckets)
        head = Self.floor(now.nanoseconds, length)
        headEnd = Self.end(of: head, length)
    }

    /// Whether the newest bucket is over at that time.
    func mustRotate(_ now: Instant) -> Bool {
        now.nanoseconds >= headEnd && Self.floor(now.nanoseconds, length) > head
    }

    /// Begins the bucket of that time, after ``mustRotate(_:)``, and drops what has become too old.
    /// - Parameter counted: what the newest bucket came to.
    mutating func rotate(_ now: Instant, counted: RollingCounter.Sums) {
        let current = Self.floor(now.nanoseconds, length)
        let (distance, overflow) = current.subtractingReportingOverflow(head)
        entries[slot(head)] = counted
        past += counted
        // After a pause longer than the window all slots are cleared, each once.
        for back in 0..<(overflow ? Int64(entries.count) : min(distance, Int64(entries.count))) {
            let slot = slot(current - back)
            past -= entries[slot]
            entries[slot] = RollingCounter.Sums()
        }
        head = current
        headEnd = Self.end(of: head, length)
    }

    private func slot(_ number: Int64) -> Int {
        let slot = Int(number % Int64(entries.count))
        return slot < 0 ? slot + entries.count : slot
    }

    private static func end(of number: Int64, _ length: Int64) -> Int64 {
        let (end, overflow) = number.addingSaturating(1).multipliedReportingOverflow(by: length)
        return overflow ? .max : end
    }

    /// Rounds down before the clock's origin too, where `/` rounds up.
    private static func floor(_ value: Int64, _ divisor: Int64) -> Int64 {
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }
}
