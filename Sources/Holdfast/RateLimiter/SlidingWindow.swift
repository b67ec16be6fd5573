import DequeModule

/// The permits given within the last period, exactly: a log of the grants.
///
/// A log and not the two weighted counters of an approximate window: it never gives more than is allowed in any period, wherever
/// it begins, and it knows to the nanosecond when a permit comes back. It costs 16 bytes per grant in the window, at most one
/// for each permit; grants of the same nanosecond share an entry.
struct SlidingWindow: Equatable {
    private struct Grant: Equatable {
        let at: Int64
        var permits: Int
    }

    private var log: Deque<Grant> = []
    private var used = 0

    /// Permits that still count at that time: a grant counts for exactly one period.
    func used(at now: Int64, _ period: Int64) -> Int {
        var used = used
        for grant in log {
            guard grant.at.addingSaturating(period) <= now else { break }
            used -= grant.permits
        }
        return used
    }

    /// When that many permits can be had, not before `now`, if nobody else takes any; nil if more are wanted than `limit`.
    func earliest(_ permits: Int, from now: Int64, limit: Int, _ period: Int64) -> Int64? {
        guard permits <= limit else { return nil }
        var (used, at) = (used, now)
        for grant in log {
            let end = grant.at.addingSaturating(period)
            guard end <= now || used > limit - permits else { break }
            used -= grant.permits
            at = max(at, end)
        }
        return at
    }

    /// Notes that permits were given; a time earlier than the last one is read as that.
    mutating func take(_ permits: Int, at now: Int64, _ period: Int64) {
        let now = max(now, log.last?.at ?? now)
        while let first = log.first, first.at.addingSaturating(period) <= now {
            used -= first.permits
            log.removeFirst()
        }
        used += permits
        if let last = log.last, last.at == now {
            log[log.count - 1].permits += permits
        } else {
            log.append(Grant(at: now, permits: permits))
        }
    }
}
