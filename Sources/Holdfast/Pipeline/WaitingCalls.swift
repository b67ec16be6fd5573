import DequeModule

/// Calls that wait for a permit in the order in which they came, each until its time is over: the queue of gates whose permits come
/// back when calls end.
///
/// A rate limiter's ``WaitingLine`` is another thing: its permits come with time, so it reckons when each turn is.
struct WaitingCalls {
    private struct Waiter {
        let id: Int
        let latest: Instant
    }

    private var queue: Deque<Waiter> = []
    /// No waiter's time is over before this.
    private var firstExpiry = Instant.distantFuture
    private var lastID = 0

    /// How many wait.
    var count: Int { queue.count }
    var isEmpty: Bool { queue.isEmpty }

    /// Goes behind all others, to wait up to and including `latest`; gives the number to leave by.
    mutating func join(until latest: Instant) -> Int {
        lastID += 1
        if queue.isEmpty { firstExpiry = .distantFuture }
        queue.append(Waiter(id: lastID, latest: latest))
        firstExpiry = min(firstExpiry, latest.advanced(byNanoseconds: 1))
        return lastID
    }

    /// Takes out who waits longest; nil when nobody waits. Call ``expire(_:)`` before.
    mutating func popFirst() -> Int? { queue.popFirst()?.id }

    /// Takes out who came last; nil when nobody waits. Call ``expire(_:)`` before.
    mutating func popLast() -> Int? { queue.popLast()?.id }

    /// Takes one out wherever it stands; false when it has left already.
    mutating func leave(_ id: Int) -> Bool {
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

    /// When ``expire(_:)`` can next do something; nil when nobody waits.
    var nextExpiry: Instant? { queue.isEmpty ? nil : firstExpiry }
}
