/// The permits of one key: how many there are, and when the next ones come. It knows no queue.
struct Quota {
    private enum Meter {
        case bucket(TokenBucket)
        case slidingWindow(SlidingWindow)
        case fixedWindow(FixedWindow)
    }

    private var meter: Meter
    /// When the warm-up began.
    private var warmSince: Instant
    /// When somebody last asked for permits; how long a key is idle, and a service cools down, counts from here.
    private(set) var lastAsked: Instant

    /// The quota of a key that nobody has asked for yet.
    init(_ rules: QuotaRules, now: Instant) {
        warmSince = now
        lastAsked = now
        switch rules.kind {
        case .bucket: meter = .bucket(TokenBucket(debt: rules.coldDebt, updated: now.nanoseconds))
        case .slidingWindow: meter = .slidingWindow(SlidingWindow())
        case .fixedWindow: meter = .fixedWindow(FixedWindow(start: rules.origin).moved(to: now.nanoseconds, rules.period))
        }
    }

    /// Notes that somebody asks; after a pause as long as the warm-up the service is cold again.
    mutating func ask(_ now: Instant, _ rules: QuotaRules) {
        if let warmUp = rules.warmUp, now.nanoseconds.subtractingSaturating(lastAsked.nanoseconds) >= warmUp.over {
            if case .bucket(var bucket) = meter {
                bucket.flow(until: flowTime(now, rules), rules.terms)
                meter = .bucket(TokenBucket(debt: max(bucket.debt, rules.coldDebt), updated: now.nanoseconds))
            }
            warmSince = now
        }
        lastAsked = max(lastAsked, now)
    }

    /// Notes that somebody waits. However long that takes it is no pause: the turns that were reckoned stay what they are.
    mutating func wait(_ now: Instant) {
        lastAsked = max(lastAsked, now)
    }

    /// When that many permits can be had, not before `now`, if nobody else takes any; nil if they never can.
    func earliest(_ permits: Int, from now: Instant, _ rules: QuotaRules) -> Instant? {
        if case .bucket(var bucket) = meter {
            bucket.flow(until: flowTime(now, rules), rules.terms)
            guard let wait = bucket.wait(for: permits, rules.terms) else { return nil }
            return wait == 0 ? now : max(now, realTime(bucket.updated.addingSaturating(wait), rules))
        }
        guard permits <= rules.permits else { return nil }
        if let warmUp = rules.warmUp {
            let warm = warmSince.advanced(byNanoseconds: warmUp.over).nanoseconds
            if now.nanoseconds < warm {
                guard fits(permits, at: warm, rules) else { return window(permits, from: warm, rules) }
                // What is used only falls and the limit only rises, so there is a first moment from which on it fits.
                return Instant(nanoseconds: WarmUp.first(in: now.nanoseconds...warm) { fits(permits, at: $0, rules) })
            }
        }
        return window(permits, from: now.nanoseconds, rules)
    }

    /// Takes that many permits at a time that ``earliest(_:from:_:)`` gave.
    mutating func take(_ permits: Int, at now: Instant, _ rules: QuotaRules) {
        switch meter {
        case .bucket(var bucket):
            bucket.flow(until: flowTime(now, rules), rules.terms)
            bucket.take(permits, rules.terms)
            meter = .bucket(bucket)
        case .slidingWindow(var window):
            meter = .slidingWindow(SlidingWindow())  // so that the log has one owner and is not copied
            window.take(permits, at: now.nanoseconds, rules.period)
            meter = .slidingWindow(window)
        case .fixedWindow(var window):
            window.take(permits, at: now.nanoseconds, rules.period)
            meter = .fixedWindow(window)
        }
    }

    /// Permits that could be taken at that time.
    func available(_ now: Instant, _ rules: QuotaRules) -> Int {
        var asked = self
        asked.ask(now, rules)
        switch asked.meter {
        case .bucket(var bucket):
            bucket.flow(until: asked.flowTime(now, rules), rules.terms)
            return bucket.available(rules.terms)
        case .slidingWindow(let window):
            return max(asked.limit(now.nanoseconds, rules) - window.used(at: now.nanoseconds, rules.period), 0)
        case .fixedWindow(let window):
            return max(asked.limit(now.nanoseconds, rules) - window.moved(to: now.nanoseconds, rules.period).used, 0)
        }
    }

    /// Whether a new quota would have no more permits, now or later, than this one; only then may it be forgotten.
    func isFresh(_ now: Instant, _ rules: QuotaRules) -> Bool {
        switch meter {
        case .bucket(var bucket):
            bucket.flow(until: flowTime(now, rules), rules.terms)
            return bucket.debt <= rules.coldDebt
        case .slidingWindow(let window): return window.used(at: now.nanoseconds, rules.period) == 0
        case .fixedWindow(let window): return window.moved(to: now.nanoseconds, rules.period).used == 0
        }
    }

    /// The same quota under new rules. What is saved up stays as far as it fits, what is used up stays used up; a service that is
    /// warm stays so.
    func converted(from old: QuotaRules, to new: QuotaRules, _ reading: Instant) -> Quota {
        // A clock that is behind counts as the latest time known: else what has flowed in since would flow in again.
        let now = max(reading, lastAsked, latestChange(old))
        var quota = self
        if let warmUp = new.warmUp, isWarm(now, old) {
            quota.warmSince = now.advanced(byNanoseconds: -warmUp.over)
            // Without a warm-up nobody noted who asked on the lock-free path.
            if old.warmUp == nil { quota.lastAsked = now }
        }
        switch (meter, new.kind) {
        case (.bucket(var bucket), .bucket):
            bucket.flow(until: flowTime(now, old), old.terms)
            let debt = bucket.converted(from: old.terms, to: new.terms).debt
            quota.meter = .bucket(TokenBucket(debt: debt, updated: quota.flowTime(now, new)))
        case (.slidingWindow, .slidingWindow): break
        case (.fixedWindow(let window), .fixedWindow):
            let used = window.moved(to: now.nanoseconds, old.period).used
            let current = FixedWindow(start: new.origin).moved(to: now.nanoseconds, new.period)
            quota.meter = .fixedWindow(FixedWindow(start: current.start, used: used))
        default:
            let missing = max(new.permits - available(now, old), 0)
            switch new.kind {
            case .bucket:
                let level = Int64(available(now, old)).multipliedReportingOverflow(by: new.terms.unit)
                let debt = level.overflow ? 0 : max(new.terms.capacity - level.partialValue, 0)
                quota.meter = .bucket(TokenBucket(debt: debt, updated: quota.flowTime(now, new)))
            case .slidingWindow:
                var window = SlidingWindow()
                if missing > 0 { window.take(missing, at: now.nanoseconds, new.period) }
                quota.meter = .slidingWindow(window)
            case .fixedWindow: quota.meter = .fixedWindow(FixedWindow(start: now.nanoseconds, used: missing))
            }
        }
        return quota
    }

    // MARK: The lock-free image

    /// The quota as one word, for ``QuotaCell``; nil if one word cannot hold it.
    /// - Parameter last: the frame of the last image, which goes on if it can.
    func image(_ rules: QuotaRules, last: QuotaCell.Frame?) -> (QuotaCell.Frame, offset: Int64)? {
        guard rules.warmUp == nil else { return nil }
        switch meter {
        case .slidingWindow: return nil
        case .bucket(let bucket):
            if let last, last.terms == rules.terms, last.anchor <= bucket.updated, bucket.updated < last.horizon {
                return (last, last.offset(of: bucket))
            }
            let span = TokenBucket.Terms.limit / rules.terms.inflow
            let frame = QuotaCell.Frame(
                terms: rules.terms, anchor: bucket.updated, horizon: bucket.updated.addingSaturating(span))
            return (frame, frame.offset(of: bucket))
        case .fixedWindow(let window):
            let frame = QuotaCell.Frame(terms: rules.terms, anchor: window.start, horizon: window.end(rules.period))
            return (frame, Int64(window.used))
        }
    }

    /// Takes over what became of the image.
    mutating func adopt(_ frame: QuotaCell.Frame, offset: Int64, _ now: Instant) {
        switch meter {
        case .slidingWindow: break
        case .bucket:
            var bucket = TokenBucket(debt: offset, updated: frame.anchor)
            bucket.flow(until: now.nanoseconds, frame.terms)
            meter = .bucket(bucket)
        case .fixedWindow: meter = .fixedWindow(FixedWindow(start: frame.anchor, used: Int(offset)))
        }
    }

    // MARK: Time and limit of a warm-up

    /// Until when inflow was counted, or when the current window began.
    private func latestChange(_ rules: QuotaRules) -> Instant {
        switch meter {
        case .bucket(let bucket): realTime(bucket.updated, rules)
        case .slidingWindow: lastAsked
        case .fixedWindow(let window): Instant(nanoseconds: window.start)
        }
    }

    /// Whether the service has the full rate and nobody made a pause so long that it is cold again.
    private func isWarm(_ now: Instant, _ rules: QuotaRules) -> Bool {
        guard let warmUp = rules.warmUp else { return true }
        return now.nanoseconds.subtractingSaturating(warmSince.nanoseconds) >= warmUp.over
            && now.nanoseconds.subtractingSaturating(lastAsked.nanoseconds) < warmUp.over
    }

    private func flowTime(_ now: Instant, _ rules: QuotaRules) -> Int64 {
        guard let warmUp = rules.warmUp else { return now.nanoseconds }
        return warmSince.nanoseconds.addingSaturating(warmUp.flow(now.nanoseconds.subtractingSaturating(warmSince.nanoseconds)))
    }

    private func realTime(_ flowTime: Int64, _ rules: QuotaRules) -> Instant {
        guard let warmUp = rules.warmUp else { return Instant(nanoseconds: flowTime) }
        return warmSince.advanced(byNanoseconds: warmUp.elapsed(flowTime.subtractingSaturating(warmSince.nanoseconds)))
    }

    /// The limit of a window at that time.
    private func limit(_ now: Int64, _ rules: QuotaRules) -> Int {
        guard let warmUp = rules.warmUp else { return rules.permits }
        return max(Int(Double(rules.permits) * warmUp.share(now.subtractingSaturating(warmSince.nanoseconds))), 1)
    }

    private func fits(_ permits: Int, at now: Int64, _ rules: QuotaRules) -> Bool {
        window(permits, from: now, rules)?.nanoseconds == now
    }

    /// When a window has that many permits left, under the limit of `now`.
    private func window(_ permits: Int, from now: Int64, _ rules: QuotaRules) -> Instant? {
        let limit = limit(now, rules)
        switch meter {
        case .bucket: return nil
        case .slidingWindow(let window):
            return window.earliest(permits, from: now, limit: limit, rules.period).map { Instant(nanoseconds: $0) }
        case .fixedWindow(let window):
            return window.earliest(permits, from: now, limit: limit, rules.period).map { Instant(nanoseconds: $0) }
        }
    }
}
