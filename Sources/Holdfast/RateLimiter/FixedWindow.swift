/// The permits given within the current one of windows that follow each other without a gap.
///
/// The windows begin with the limiter, and all keys of one limiter share them. As with all fixed windows, two bursts on both
/// sides of a boundary may come together to twice the limit within one period; who cannot have that takes a sliding window.
struct FixedWindow: Equatable {
    /// When the window that ``used`` belongs to began.
    private(set) var start: Int64
    /// Permits given in it.
    private(set) var used: Int

    init(start: Int64, used: Int = 0) {
        self.start = start
        self.used = used
    }

    /// When the window that follows it begins.
    func end(_ period: Int64) -> Int64 { start.addingSaturating(period) }

    /// The window at that time; an earlier time is read as this window's.
    func moved(to now: Int64, _ period: Int64) -> FixedWindow {
        guard now >= end(period) else { return self }
        let passed = now.subtractingSaturating(start) / period
        return FixedWindow(start: start.addingSaturating(passed.multipliedReportingOverflow(by: period).partialValue))
    }

    /// When that many permits can be had, not before `now`, if nobody else takes any; nil if more are wanted than `limit`.
    func earliest(_ permits: Int, from now: Int64, limit: Int, _ period: Int64) -> Int64? {
        guard permits <= limit else { return nil }
        let window = moved(to: now, period)
        return window.used <= limit - permits ? now : window.end(period)
    }

    /// Notes that permits were given.
    mutating func take(_ permits: Int, at now: Int64, _ period: Int64) {
        self = moved(to: now, period)
        used += permits
    }
}
