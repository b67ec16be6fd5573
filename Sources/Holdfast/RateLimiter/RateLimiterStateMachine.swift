import DequeModule

/// The rate limiter's decisions: a value, without a clock, a lock or a wait.
///
/// Waiters hold no reservation. The time is computed when one leaves the queue, so a cancelled waiter costs nothing and the
/// ones behind it move up (S51).
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

    private struct Waiter {
        let id: Int
        let permits: Int
        /// The end of its `maxWait`, or its caller's deadline if that is nearer.
        let latest: Instant
    }

    private(set) var configuration: RateLimiter.Configuration
    private var bucket: TokenBucket
    private var queue: Deque<Waiter> = []
    /// Permits that the waiters want in all.
    private var queuedPermits = 0
    /// When the first waiter's permit comes.
    private var headDue = Instant.distantFuture
    private var nextID = 0
    private var latest: Instant

    init(_ configuration: RateLimiter.Configuration, now: Instant) {
        self.configuration = configuration
        bucket = Self.bucket(configuration, now)
        latest = now
    }

    var queued: Int { queue.count }

    /// Whole permits that could be taken at that time.
    mutating func available(_ reading: Instant) -> Int {
        bucket.refill(moveClock(reading))
        return bucket.available
    }

    /// Decides at entry (S50): admitted now, served in time if it waits, or refused without having consumed anything.
    mutating func acquire(_ permits: Int, _ reading: Instant, deadline: Instant?) -> Decision {
        let now = moveClock(reading)
        bucket.refill(now)
        if queue.isEmpty, bucket.take(permits) { return .admitted }
        guard let alone = bucket.wait(for: permits) else { return .rejected(.quota, retryAfter: nil) }
        let wait = queue.isEmpty ? alone : bucket.flowTime(of: queuedPermits + permits)
        guard configuration.maxWait > .zero, configuration.maxQueued > 0 else { return .rejected(.quota, retryAfter: wait) }
        guard queue.count < configuration.maxQueued else { return .rejected(.queueFull, retryAfter: wait) }
        guard now.advanced(by: wait) <= latestEntry(now, deadline) else { return .rejected(.quota, retryAfter: wait) }
        return .mayWait
    }

    /// Joins the queue after ``acquire(_:_:deadline:)`` said that waiting helps; gives the waiter's id.
    mutating func enqueue(_ permits: Int, _ reading: Instant, deadline: Instant?) -> Int {
        let now = moveClock(reading)
        nextID += 1
        queue.append(Waiter(id: nextID, permits: permits, latest: latestEntry(now, deadline)))
        queuedPermits += permits
        if queue.count == 1 { updateHead() }
        return nextID
    }

    /// Serves whoever can leave the queue, first in first out; who waited too long is dropped before that.
    ///
    /// What counts is when the permit came, not when the timer that says so got round to it.
    mutating func serve(_ reading: Instant) -> Served {
        let now = moveClock(reading)
        bucket.refill(now)
        var served = Served()
        while let first = queue.first, headDue <= now {
            if headDue <= first.latest, bucket.take(first.permits) {
                served.granted.append(first.id)
            } else {
                served.expired.append(first.id)
            }
            queue.removeFirst()
            queuedPermits -= first.permits
            updateHead()
        }
        let head = queue.first?.id
        queue.removeAll { waiter in
            guard waiter.latest < now else { return false }
            served.expired.append(waiter.id)
            queuedPermits -= waiter.permits
            return true
        }
        if queue.first?.id != head { updateHead() }
        return served
    }

    /// When ``serve(_:)`` can next do something; nil when nobody waits.
    func nextService() -> Instant? {
        guard !queue.isEmpty else { return nil }
        return queue.reduce(headDue) { min($0, $1.latest.advanced(byNanoseconds: 1)) }
    }

    /// Notes when the first waiter's permit comes: the state of the bucket is that of the latest reading.
    private mutating func updateHead() {
        headDue = queue.first.flatMap { bucket.wait(for: $0.permits) }.map { latest.advanced(by: $0) } ?? .distantFuture
    }

    /// Takes a waiter out of the queue; false if it has left already.
    mutating func cancel(_ id: Int) -> Bool {
        guard let index = queue.firstIndex(where: { $0.id == id }) else { return false }
        queuedPermits -= queue.remove(at: index).permits
        if index == 0 { updateHead() }
        return true
    }

    /// Puts a new configuration in force; what is saved up stays, as far as it fits.
    mutating func reconfigure(_ new: RateLimiter.Configuration, _ reading: Instant) {
        let now = moveClock(reading)
        bucket.refill(now)
        var replacement = Self.bucket(new, now)
        replacement.inherit(bucket)
        bucket = replacement
        configuration = new
        updateHead()
    }

    private func latestEntry(_ now: Instant, _ deadline: Instant?) -> Instant {
        min(now.advanced(by: configuration.maxWait), deadline ?? .distantFuture)
    }

    private mutating func moveClock(_ reading: Instant) -> Instant {
        latest = max(latest, reading)
        return latest
    }

    private static func bucket(_ configuration: RateLimiter.Configuration, _ now: Instant) -> TokenBucket {
        switch configuration.algorithm {
        case .tokenBucket(let permits, let per, let burst): TokenBucket(permits: permits, per: per, burst: burst, now: now)
        }
    }
}
