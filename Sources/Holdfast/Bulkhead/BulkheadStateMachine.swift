/// Who waits for a bulkhead and who is next: a value, without a clock, a lock or a wait. How many run is in the ``BulkheadWord``.
struct BulkheadStateMachine {
    enum Decision: Equatable {
        case mayWait
        case rejected(Rejection.Reason)
    }

    /// The queue is congested when it has not been empty for longer than this.
    static let congestedAfter: Int64 = 100_000_000

    private(set) var configuration: Bulkhead.Configuration
    private var waiting = WaitingCalls()
    /// Since when the queue is not empty.
    private var occupiedSince = Instant.distantFuture

    init(_ configuration: Bulkhead.Configuration) {
        self.configuration = configuration
    }

    var queued: Int { waiting.count }

    /// Whether calls may wait at all.
    var mayQueue: Bool { configuration.maxQueued > 0 && configuration.maxWait > .zero }

    /// Decides about a call that finds no room.
    func decide(_ now: Instant, deadline: Instant?) -> Decision {
        guard mayQueue else { return .rejected(.full) }
        guard waiting.count < configuration.maxQueued else { return .rejected(.queueFull) }
        return latestEntry(now, deadline) > now ? .mayWait : .rejected(.full)
    }

    /// Joins the queue; gives the waiter's id.
    mutating func enqueue(_ now: Instant, deadline: Instant?) -> Int {
        if waiting.isEmpty { occupiedSince = now }
        return waiting.join(until: latestEntry(now, deadline))
    }

    /// Drops who waited too long; gives their ids.
    mutating func expire(_ now: Instant) -> [Int] { waiting.expire(now) }

    /// Takes out who is to be served next; nil when nobody waits. Call ``expire(_:)`` before.
    mutating func next(_ now: Instant) -> Int? {
        isCongested(now) && configuration.order == .adaptiveLifo ? waiting.popLast() : waiting.popFirst()
    }

    /// When ``expire(_:)`` can next do something; nil when nobody waits.
    var nextExpiry: Instant? { waiting.nextExpiry }

    /// Takes a waiter out of the queue; false if it has left already.
    mutating func cancel(_ id: Int) -> Bool { waiting.leave(id) }

    /// Puts a new configuration in force; who waits goes on waiting as long as it was promised.
    mutating func reconfigure(_ configuration: Bulkhead.Configuration) {
        self.configuration = configuration
    }

    private func isCongested(_ now: Instant) -> Bool {
        now > occupiedSince.advanced(byNanoseconds: Self.congestedAfter)
    }

    /// The end of its `maxWait`, or its caller's deadline if that is nearer.
    private func latestEntry(_ now: Instant, _ deadline: Instant?) -> Instant {
        min(now.advanced(by: configuration.maxWait), deadline ?? .distantFuture)
    }
}
