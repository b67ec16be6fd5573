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
        let latest: Instant
    }

    private(set) var configuration: RateLimiter.Configuration
    private var bucket: TokenBucket
    private var queue: Deque<Waiter> = []
    /// Permits that the waiters want in all.
    private var queuedPermits = 0
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
        return nextID
    }

    /// Serves whoever can leave the queue, first in first out; who waited too long is dropped before that.
    mutating func serve(_ reading: Instant) -> Served {
        let now = moveClock(reading)
        bucket.refill(now)
        var served = Served()
        queue.removeAll { waiter in
            guard waiter.latest < now else { return false }
            served.expired.append(waiter.id)
            queuedPermits -= waiter.permits
            return true
        }
        while let first = queue.first, bucket.take(first.permits) {
            served.granted.append(first.id)
            queuedPermits -= first.permits
            queue.removeFirst()
        }
        return served
    }

    /// When ``serve(_:)`` can next do something; nil when nobody waits.
    func nextService() -> Instant? {
        guard let first = queue.first else { return nil }
        let served = bucket.wait(for: first.permits).map { latest.advanced(by: $0) } ?? .distantFuture
        return min(served, first.latest.advanced(byNanoseconds: 1))
    }

    /// Takes a waiter out of the queue; false if it has left already.
    mutating func cancel(_ id: Int) -> Bool {
        guard let index = queue.firstIndex(where: { $0.id == id }) else { return false }
        queuedPermits -= queue.remove(at: index).permits
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
