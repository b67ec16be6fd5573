import DequeModule

/// Who waits for a bulkhead and who is next: a value, without a clock, a lock or a wait. How many run is in the ``BulkheadWord``.
struct BulkheadStateMachine {
    enum Decision: Equatable {
        case mayWait
        case rejected(Rejection.Reason)
    }

    private struct Waiter {
        let id: Int
        /// The end of its `maxWait`, or its caller's deadline if that is nearer.
        let latest: Instant
    }

    /// The queue is congested when it has not been empty for longer than this.
    static let congestedAfter: Int64 = 100_000_000

    private(set) var configuration: Bulkhead.Configuration
    private var queue: Deque<Waiter> = []
    /// Since when the queue is not empty.
    private var occupiedSince = Instant.distantFuture
    /// No waiter's time is over before this.
    private var firstExpiry = Instant.distantFuture
    private var lastID = 0

    init(_ configuration: Bulkhead.Configuration) {
        self.configuration = configuration
    }

    var queued: Int { queue.count }

    /// Whether calls may wait at all.
    var mayQueue: Bool { configuration.maxQueued > 0 && configuration.maxWait > .zero }

    /// Decides about a call that finds no room.
    func decide(_ now: Instant, deadline: Instant?) -> Decision {
        guard mayQueue else { return .rejected(.full) }
        guard queue.count < configuration.maxQueued else { return .rejected(.queueFull) }
        return latestEntry(now, deadline) > now ? .mayWait : .rejected(.full)
    }

    /// Joins the queue; gives the waiter's id.
    mutating func enqueue(_ now: Instant, deadline: Instant?) -> Int {
        lastID += 1
        if queue.isEmpty { (occupiedSince, firstExpiry) = (now, .distantFuture) }
        let waiter = Waiter(id: lastID, latest: latestEntry(now, deadline))
        queue.append(waiter)
        firstExpiry = min(firstExpiry, waiter.latest.advanced(byNanoseconds: 1))
        return lastID
    }

    /// Drops who waited too long; gives their ids.
    mutating func expire(_ now: Instant) -> [Int] {
        guard now >= firstExpiry else { return [] }
        var expired: [Int] = []
        queue.removeAll { waiter in
            guard waiter.latest < now else { return false }
            expired.append(waiter.id)
            return true
        }
        firstExpiry = queue.reduce(.distantFuture) { min($0, $1.latest.advanced(byNanoseconds: 1)) }
        return expired
    }

    /// Takes out who is to be served next; nil when nobody waits. Call ``expire(_:)`` before.
    mutating func next(_ now: Instant) -> Int? {
        isCongested(now) && configuration.order == .adaptiveLifo ? queue.popLast()?.id : queue.popFirst()?.id
    }

    /// When ``expire(_:)`` can next do something; nil when nobody waits.
    var nextExpiry: Instant? { queue.isEmpty ? nil : firstExpiry }

    /// Takes a waiter out of the queue; false if it has left already.
    mutating func cancel(_ id: Int) -> Bool {
        // Ids rise from the first waiter to the last.
        var (low, high) = (0, queue.count)
        while low < high {
            let middle = (low + high) / 2
            if queue[middle].id < id { low = middle + 1 } else { high = middle }
        }
        guard low < queue.count, queue[low].id == id else { return false }
        queue.remove(at: low)
        return true
    }

    /// Puts a new configuration in force; who waits goes on waiting as long as it was promised.
    mutating func reconfigure(_ configuration: Bulkhead.Configuration) {
        self.configuration = configuration
    }

    private func isCongested(_ now: Instant) -> Bool {
        now > occupiedSince.advanced(byNanoseconds: Self.congestedAfter)
    }

    private func latestEntry(_ now: Instant, _ deadline: Instant?) -> Instant {
        min(now.advanced(by: configuration.maxWait), deadline ?? .distantFuture)
    }
}
