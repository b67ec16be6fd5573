import DequeModule

/// The calls that wait for permits of one key, first in first out, and what is known of when their turns come.
///
/// Nobody in it holds a reservation: a turn is reckoned from what the quota is now, so who leaves costs nothing and the ones
/// behind move up (S51).
struct WaitingLine {
    struct Waiter {
        let id: Int
        let permits: Int
        /// When it joined; its turn cannot come before that, however late the ones before it are served.
        let joined: Instant
        /// The end of its `maxWait`, or its caller's deadline if that is nearer.
        let latest: Instant
    }

    private(set) var waiters: Deque<Waiter> = []
    /// When the first one's turn comes.
    private(set) var headDue: Instant
    /// What the quota will be when all have had their turns, and when that is; nil when it must be reckoned anew.
    private var afterAll: (quota: Quota, at: Instant)?
    /// Whether a turn may come after its waiter's latest: only new rules can bring that about.
    private var mayExpire = false

    /// A line that `first` opens.
    init(_ first: Waiter, due: Instant, _ quota: Quota, _ rules: QuotaRules) {
        headDue = due
        append(first, due: due, quota, rules)
    }

    /// When one more would have its turn; nil if never.
    mutating func due(_ permits: Int, _ now: Instant, _ quota: Quota, _ rules: QuotaRules) -> Instant? {
        let after = afterAll ?? project(quota, rules)
        afterAll = after
        return after.quota.earliest(permits, from: max(now, after.at), rules)
    }

    /// Adds one whose turn comes then.
    mutating func append(_ waiter: Waiter, due: Instant, _ quota: Quota, _ rules: QuotaRules) {
        waiters.append(waiter)
        var after = afterAll ?? (quota, due)
        afterAll = nil
        after.quota.take(waiter.permits, at: due, rules)
        afterAll = (after.quota, due)
    }

    /// Lets everybody go whose turn has come. What counts is when it came, not when the timer that says so got round to it.
    mutating func serve(_ now: Instant, _ quota: inout Quota, _ rules: QuotaRules) -> RateLimiterStateMachine.Served {
        var served = RateLimiterStateMachine.Served()
        while let first = waiters.first, headDue <= now {
            waiters.removeFirst()
            if headDue <= first.latest {
                quota.take(first.permits, at: headDue, rules)
                served.granted.append(first.id)
                updateHead(headDue, quota, rules)
            } else {
                served.expired.append(first.id)
                afterAll = nil
                updateHead(first.latest, quota, rules)
            }
        }
        if mayExpire { expire(now, quota, rules, &served) }
        return served
    }

    /// When ``serve(_:_:_:)`` can next do something.
    var nextService: Instant {
        guard mayExpire else { return headDue }
        return waiters.reduce(headDue) { min($0, $1.latest.advanced(byNanoseconds: 1)) }
    }

    /// Takes a waiter out; false if it has left already.
    mutating func cancel(_ id: Int, _ now: Instant, _ quota: Quota, _ rules: QuotaRules) -> Bool {
        guard let index = index(of: id) else { return false }
        waiters.remove(at: index)
        afterAll = nil
        if index == 0 { updateHead(now, quota, rules) }
        return true
    }

    /// Reckons all turns anew, under new rules.
    mutating func rulesChanged(_ now: Instant, _ quota: Quota, _ rules: QuotaRules) {
        updateHead(now, quota, rules)
        mayExpire = true
        afterAll = nil
    }

    /// Ids rise from the first waiter to the last.
    private func index(of id: Int) -> Int? {
        var (low, high) = (0, waiters.count)
        while low < high {
            let middle = (low + high) / 2
            if waiters[middle].id < id { low = middle + 1 } else { high = middle }
        }
        return low < waiters.count && waiters[low].id == id ? low : nil
    }

    private mutating func expire(_ now: Instant, _ quota: Quota, _ rules: QuotaRules, _ served: inout RateLimiterStateMachine.Served) {
        let head = waiters.first?.id
        var expired: [Int] = []
        waiters.removeAll { waiter in
            guard waiter.latest < now else { return false }
            expired.append(waiter.id)
            return true
        }
        guard !expired.isEmpty else { return }
        served.expired += expired
        afterAll = nil
        if waiters.first?.id != head { updateHead(now, quota, rules) }
    }

    private mutating func updateHead(_ now: Instant, _ quota: Quota, _ rules: QuotaRules) {
        headDue = waiters.first.flatMap { quota.earliest($0.permits, from: max(now, $0.joined), rules) } ?? .distantFuture
    }

    private func project(_ quota: Quota, _ rules: QuotaRules) -> (quota: Quota, at: Instant) {
        var (quota, at) = (quota, headDue < .distantFuture ? headDue : Instant(nanoseconds: .min))
        for waiter in waiters {
            guard let due = quota.earliest(waiter.permits, from: max(at, waiter.joined), rules) else {
                // Who wants more than new rules can ever give takes nothing, but holds up those behind until its time is over.
                at = max(at, waiter.latest.advanced(byNanoseconds: 1))
                continue
            }
            at = due
            quota.take(waiter.permits, at: at, rules)
        }
        return (quota, at)
    }
}
