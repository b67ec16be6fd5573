/// The slots of a half-open breaker: who holds one, until when, and what has come back.
struct Probes {
    private struct Slot {
        var serial: UInt32 = 0
        var leaseEnd: Instant?
    }

    enum Verdict {
        case undecided
        case healthy
        case failing
    }

    private var slots: [Slot]
    private(set) var succeeded = 0
    private(set) var failed = 0
    private(set) var slow = 0
    private(set) var running = 0

    init(count: Int) {
        slots = Array(repeating: Slot(), count: count)
    }

    var count: Int { slots.count }
    var completed: Int { succeeded + failed }
    /// How many more may start: never more than are still needed for a verdict.
    var available: Int { count - completed - running }

    /// Takes a slot; nil when none is free.
    mutating func start(leaseEnd: Instant) -> (slot: Int, serial: UInt32)? {
        guard available > 0, let index = slots.firstIndex(where: { $0.leaseEnd == nil }) else { return nil }
        slots[index].leaseEnd = leaseEnd
        running += 1
        return (index, slots[index].serial)
    }

    /// Frees the slot; false when the lease ran out before and the slot is not the caller's any more.
    mutating func giveBack(slot: Int, serial: UInt32) -> Bool {
        guard slots.indices.contains(slot), slots[slot].serial == serial, slots[slot].leaseEnd != nil else { return false }
        free(slot)
        return true
    }

    mutating func record(failed isFailure: Bool, slow isSlow: Bool) {
        if isFailure { failed += 1 } else { succeeded += 1 }
        if isSlow { slow += 1 }
    }

    /// Counts every probe whose lease has run out as failed and frees its slot; gives how many.
    mutating func expireLeases(_ now: Instant) -> Int {
        guard running > 0 else { return 0 }
        var expired = 0
        for index in slots.indices {
            if let end = slots[index].leaseEnd, end <= now {
                free(index)
                failed += 1
                expired += 1
            }
        }
        return expired
    }

    /// Whether as many have failed as make that share of all.
    func hasFailed(rate: Double) -> Bool { failed >= Self.needed(rate: rate, of: count) }

    /// Decides as soon as the probes still to come cannot change the answer.
    func verdict(failureRate: Double, slowRate: Double?) -> Verdict {
        if hasFailed(rate: failureRate) { return .failing }
        let outstanding = count - completed
        var certain = failed + outstanding < Self.needed(rate: failureRate, of: count)
        if let slowRate {
            let slowNeeded = Self.needed(rate: slowRate, of: count)
            if slow >= slowNeeded { return .failing }
            certain = certain && slow + outstanding < slowNeeded
        }
        return certain || outstanding == 0 ? .healthy : .undecided
    }

    /// The smallest number, at least one, that is that share of `count`.
    private static func needed(rate: Double, of count: Int) -> Int {
        var needed = max(1, Int(rate * Double(count)))
        while needed > 1, Double(needed - 1) / Double(count) >= rate { needed -= 1 }
        while Double(needed) / Double(count) < rate { needed += 1 }
        return needed
    }

    private mutating func free(_ index: Int) {
        slots[index].leaseEnd = nil
        slots[index].serial &+= 1
        running -= 1
    }
}
