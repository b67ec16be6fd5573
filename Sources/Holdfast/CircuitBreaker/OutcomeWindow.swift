/// The recorded calls that the rates are computed over: the last so many, or those of the last so long.
///
/// Integer counters only; the totals are kept up to date as entries come and go. A time window expires when it is read.
package struct OutcomeWindow {
    package struct Counts: Hashable {
        package var total = 0
        package var failed = 0
        package var slow = 0

        package static func + (lhs: Counts, rhs: Counts) -> Counts {
            Counts(total: lhs.total + rhs.total, failed: lhs.failed + rhs.failed, slow: lhs.slow + rhs.slow)
        }
    }

    /// Where a call was recorded, to be amended while it is still in the window.
    package struct Position {
        /// The call's number in a count window, the bucket's number in a time window.
        fileprivate let number: Int64
    }

    package private(set) var counts = Counts()

    /// Length of one bucket in nanoseconds; 0 for a count window.
    private let bucketLength: Int64
    private var entries: [Counts]
    /// The number of the call recorded last, or of the bucket that is being filled.
    private var head: Int64
    /// When the bucket that is being filled ends.
    private var headEnd: Int64

    package init(_ window: CircuitBreaker.Configuration.Window, now: Instant) {
        switch window {
        case .count(let count):
            bucketLength = 0
            entries = Array(repeating: Counts(), count: count)
            head = -1
            headEnd = .max
        case .time(let time, let buckets):
            bucketLength = time.nanoseconds / Int64(buckets)
            entries = Array(repeating: Counts(), count: buckets)
            head = now.nanoseconds / bucketLength
            headEnd = Self.end(of: head, bucketLength)
        }
    }

    var isTimed: Bool { bucketLength > 0 }

    /// Drops what has become too old.
    package mutating func expire(_ now: Instant) {
        guard isTimed, now.nanoseconds >= headEnd else { return }
        let current = now.nanoseconds / bucketLength
        guard current > head else { return }
        // From one end of the clock to the other is further than a number reaches.
        let steps = min(current.subtractingSaturating(head), Int64(entries.count))
        for step in 1...steps {
            let slot = index(current - steps + step)
            let old = entries[slot]
            counts.total -= old.total
            counts.failed -= old.failed
            counts.slow -= old.slow
            entries[slot] = Counts()
        }
        head = current
        headEnd = Self.end(of: current, bucketLength)
    }

    /// Adds a call. A time window must have been expired to now.
    @discardableResult
    package mutating func record(failed: Bool, slow: Bool) -> Position {
        let call = Counts(total: 1, failed: failed ? 1 : 0, slow: slow ? 1 : 0)
        if isTimed {
            let slot = index(head)
            entries[slot] = entries[slot] + call
            counts = counts + call
        } else {
            head += 1
            let slot = index(head)
            let old = entries[slot]
            entries[slot] = call
            counts.total += 1 - old.total
            counts.failed += call.failed - old.failed
            counts.slow += call.slow - old.slow
        }
        return Position(number: head)
    }

    /// Adds successes that were neither failed nor slow.
    mutating func record(successes: Int) {
        let added = Counts(total: successes)
        if isTimed {
            let slot = index(head)
            entries[slot] = entries[slot] + added
            counts = counts + added
        } else if successes >= entries.count {
            for slot in entries.indices { entries[slot] = Counts(total: 1) }
            counts = Counts(total: entries.count)
            head += Int64(successes)
        } else {
            for _ in 0..<successes { record(failed: false, slow: false) }
        }
    }

    /// Until when ``counts`` can change only by what is recorded.
    var steadyUntil: Instant { Instant(nanoseconds: headEnd) }

    /// Marks a call recorded earlier as failed; false when it has left the window.
    mutating func amendFailed(_ position: Position) -> Bool {
        guard head.subtractingSaturating(position.number) < Int64(entries.count) else { return false }
        let slot = index(position.number)
        entries[slot].failed += 1
        counts.failed += 1
        return true
    }

    mutating func removeAll() {
        counts = Counts()
        for index in entries.indices { entries[index] = Counts() }
    }

    private static func end(of bucket: Int64, _ length: Int64) -> Int64 {
        let (end, overflow) = bucket.addingSaturating(1).multipliedReportingOverflow(by: length)
        return overflow ? .max : end
    }

    private func index(_ number: Int64) -> Int {
        let slot = Int(number % Int64(entries.count))
        return slot < 0 ? slot + entries.count : slot
    }
}
