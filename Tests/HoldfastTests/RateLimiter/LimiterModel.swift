@testable import Holdfast

/// A slow, obviously right rate limiter: it remembers every grant, tries every nanosecond, and keeps its queue in a plain array.
struct LimiterModel {
    struct Grant {
        let at: Int64
        let permits: Int
    }

    struct Waiter {
        let id: Int
        let permits: Int
        let joined: Int64
    }

    let algorithm: RateLimiter.Configuration.Algorithm
    let maxWait: Int64
    let maxQueued: Int
    var grants: [Grant] = []
    var queue: [Waiter] = []
    /// Since when the first waiter is the first.
    var headSince: Int64 = 0

    /// Whether that many permits are there, by the definition of the algorithm.
    func has(_ permits: Int, at now: Int64) -> Bool {
        switch algorithm {
        case .tokenBucket(let count, let per, let burst):
            guard permits <= burst else { return false }
            return level(at: now, Int64(count), per.nanoseconds, Int64(burst)) >= Int64(permits) * per.nanoseconds
        case .pacing(let count, let per):
            // The last grant keeps the next one waiting for all it cost.
            return level(at: now, Int64(count), per.nanoseconds, 1) >= per.nanoseconds
        case .slidingWindow(let limit, let per):
            return used { $0 > now - per.nanoseconds } + permits <= limit
        case .fixedWindow(let limit, let per):
            return used { $0 / per.nanoseconds == now / per.nanoseconds } + permits <= limit
        }
    }

    /// The first time, not before `from`, at which they are there; nil for not within a long time.
    func first(_ permits: Int, from: Int64) -> Int64? {
        (from...from + 400).first { has(permits, at: $0) }
    }

    mutating func acquire(_ permits: Int, at now: Int64) -> RateLimiterStateMachine.Decision {
        if queue.isEmpty, has(permits, at: now) {
            grants.append(Grant(at: now, permits: permits))
            return .admitted
        }
        var future = self
        var at = headSince
        for waiter in queue {
            at = future.first(waiter.permits, from: max(at, waiter.joined)) ?? at
            future.grants.append(Grant(at: at, permits: waiter.permits))
        }
        guard let due = future.first(permits, from: max(at, now)) else { return .rejected(.quota, retryAfter: nil) }
        let wait = Duration.nanoseconds(due - now)
        guard maxWait > 0, maxQueued > 0 else { return .rejected(.quota, retryAfter: wait) }
        guard queue.count < maxQueued else { return .rejected(.queueFull, retryAfter: wait) }
        return due - now <= maxWait ? .mayWait : .rejected(.quota, retryAfter: wait)
    }

    mutating func join(_ id: Int, _ permits: Int, at now: Int64) {
        if queue.isEmpty { headSince = now }
        queue.append(Waiter(id: id, permits: permits, joined: now))
    }

    mutating func cancel(_ id: Int, at now: Int64) {
        if queue.first?.id == id { headSince = now }
        queue.removeAll { $0.id == id }
    }

    mutating func serve(at now: Int64) -> [Int] {
        var served: [Int] = []
        while let head = queue.first {
            let earliest = max(headSince, head.joined)
            guard earliest <= now, let due = (earliest...now).first(where: { has(head.permits, at: $0) }) else { break }
            grants.append(Grant(at: due, permits: head.permits))
            served.append(head.id)
            queue.removeFirst()
            headSince = due
        }
        return served
    }

    private func used(_ counts: (Int64) -> Bool) -> Int {
        grants.reduce(0) { $0 + (counts($1.at) ? $1.permits : 0) }
    }

    /// What is in the bucket, in 1/`per` of a permit, by replaying all that ever happened.
    private func level(at now: Int64, _ count: Int64, _ per: Int64, _ burst: Int64) -> Int64 {
        var (level, at) = (burst * per, 0 as Int64)
        for grant in grants {
            level = min(level + (grant.at - at) * count, burst * per) - Int64(grant.permits) * per
            at = grant.at
        }
        return min(level + (now - at) * count, burst * per)
    }
}
