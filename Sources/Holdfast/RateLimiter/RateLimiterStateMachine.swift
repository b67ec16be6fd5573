/// The rate limiter's decisions for one key: a value, without a clock, a lock or a wait.
///
/// 48 bytes while nobody waits, because there can be a million of them; the rules are the same for all keys and given to each
/// decision.
struct RateLimiterStateMachine {
    enum Decision: Equatable {
        case admitted
        /// A permit comes in time; join the queue.
        case mayWait
        case rejected(Rejection.Reason, retryAfter: Duration?)
    }

    /// What became of waiters.
    struct Served: Equatable {
        var granted: [Int] = []
        var expired: [Int] = []
    }

    /// Kept outside of its holder, so that the many without one stay small.
    private enum Line {
        case none
        indirect case waiting(WaitingLine)
    }

    private(set) var quota: Quota
    private var line = Line.none

    init(_ rules: QuotaRules, now: Instant) {
        quota = Quota(rules, now: now)
    }

    /// How many wait.
    var queued: Int {
        if case .waiting(let line) = line { line.waiters.count } else { 0 }
    }

    /// Whole permits that could be taken at that time.
    func available(_ now: Instant, _ rules: QuotaRules) -> Int {
        queued > 0 ? 0 : quota.available(now, rules)
    }

    /// Decides at entry (S50): admitted now, served in time if it waits, or refused without having consumed anything.
    mutating func acquire(_ permits: Int, _ now: Instant, deadline: Instant?, _ rules: QuotaRules) -> Decision {
        let due: Instant?
        if var line = takeLine() {
            quota.wait(now)
            due = line.due(permits, now, quota, rules)
            put(line)
        } else {
            quota.ask(now, rules)
            due = quota.earliest(permits, from: now, rules)
            if let due, due <= now {
                quota.take(permits, at: now, rules)
                return .admitted
            }
        }
        guard let due else { return .rejected(.quota, retryAfter: nil) }
        let wait = max(now.duration(to: due), .zero)
        guard rules.mayQueue else { return .rejected(.quota, retryAfter: wait) }
        guard queued < rules.maxQueued else { return .rejected(.queueFull, retryAfter: wait) }
        guard due <= latestEntry(now, deadline, rules) else { return .rejected(.quota, retryAfter: wait) }
        return .mayWait
    }

    /// Joins the queue after ``acquire(_:_:deadline:_:)`` said that waiting helps. Ids must rise.
    mutating func enqueue(id: Int, _ permits: Int, _ now: Instant, deadline: Instant?, _ rules: QuotaRules) {
        let waiter = WaitingLine.Waiter(id: id, permits: permits, joined: now, latest: latestEntry(now, deadline, rules))
        if var line = takeLine() {
            line.append(waiter, due: line.due(permits, now, quota, rules) ?? .distantFuture, quota, rules)
            put(line)
        } else {
            put(WaitingLine(waiter, due: quota.earliest(permits, from: now, rules) ?? .distantFuture, quota, rules))
        }
    }

    /// Serves whoever can leave the queue; who waited too long is dropped before that.
    mutating func serve(_ now: Instant, _ rules: QuotaRules) -> Served {
        guard var line = takeLine() else { return Served() }
        quota.wait(now)
        let served = line.serve(now, &quota, rules)
        put(line)
        return served
    }

    /// When ``serve(_:_:)`` can next do something; nil when nobody waits.
    func nextService() -> Instant? {
        if case .waiting(let line) = line { line.nextService } else { nil }
    }

    /// Takes a waiter out of the queue, after ``serve(_:_:)`` at the same time; false if it has left already.
    mutating func cancel(_ id: Int, _ now: Instant, _ rules: QuotaRules) -> Bool {
        guard var line = takeLine() else { return false }
        defer { put(line) }
        return line.cancel(id, now, quota, rules)
    }

    /// Puts new rules in force; what is saved up stays, as far as it fits, and who waits goes on waiting.
    mutating func reconfigure(from old: QuotaRules, to new: QuotaRules, _ now: Instant) {
        quota = quota.converted(from: old, to: new, now)
        guard var line = takeLine() else { return }
        line.rulesChanged(now, quota, new)
        put(line)
    }

    /// Takes over what the lock-free path made of the permits; see ``QuotaCell``.
    mutating func adopt(_ frame: QuotaCell.Frame, offset: Int64, _ now: Instant) {
        quota.adopt(frame, offset: offset, now)
    }

    private func latestEntry(_ now: Instant, _ deadline: Instant?, _ rules: QuotaRules) -> Instant {
        min(now.advanced(byNanoseconds: rules.maxWait), deadline ?? .distantFuture)
    }

    /// Moves the line out, so that changing it copies nothing.
    private mutating func takeLine() -> WaitingLine? {
        guard case .waiting(let waiting) = line else { return nil }
        line = .none
        return waiting
    }

    private mutating func put(_ waiting: WaitingLine) {
        line = waiting.waiters.isEmpty ? .none : .waiting(waiting)
    }
}
