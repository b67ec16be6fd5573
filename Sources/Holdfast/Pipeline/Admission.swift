/// A gate's decision about one attempt.
public enum Admission: Sendable {
    /// The attempt may start; the ticket must be settled exactly once.
    case admitted(Ticket)
    /// The attempt may not start.
    case rejected(Rejection)
    /// A permit can come free in time: ask ``Gate/waitForPermit(_:)``.
    case mustWait
}

/// What a gate hands out with its leave to run one attempt; only the gate reads it.
public struct Ticket: Hashable, Sendable {
    /// Which period of the gate gave the ticket.
    public var generation: UInt64
    /// Which slot it holds within that period.
    public var slot: Int
    /// A time that matters when it comes back.
    public var mark: Instant

    /// Makes a ticket.
    @inlinable
    public init(generation: UInt64 = 0, slot: Int = 0, mark: Instant = .distantFuture) {
        self.generation = generation
        self.slot = slot
        self.mark = mark
    }
}
