/// A hashed timer wheel: deadlines in, payloads out, insertion and cancellation in constant time.
///
/// A pure value: it never reads a clock and never calls anybody. Both the process-wide timer and the RPC connections
/// drive one. Deadlines are rounded up to the next tick, so nothing fires early; a deadline further away than one turn
/// of the wheel stays in its slot until its own turn comes.
///
/// After Varghese and Lauck, "Hashed and Hierarchical Timing Wheels" (1987), scheme 6.
package struct TimerWheel<Payload> {
    /// Names one inserted deadline. Stale tokens are harmless: slots are reused under a new generation.
    package struct Token: Hashable, Sendable {
        fileprivate let index: Int32
        fileprivate let generation: UInt32
    }

    private struct Entry {
        var payload: Payload?
        var tick: Int64
        var generation: UInt32 = 0
        var previous: Int32 = none
        var next: Int32 = none
    }

    private static var none: Int32 { -1 }

    private let tickLength: Int64
    private let mask: Int64
    private var heads: [Int32]
    private var occupied: [UInt64]
    private var entries: [Entry] = []
    private var free: [Int32] = []
    /// All ticks up to and including this one have been collected.
    private var currentTick: Int64
    /// How many deadlines wait.
    package private(set) var count = 0

    /// Makes a wheel.
    /// - Parameters:
    ///   - start: deadlines up to here fire at the next ``advance(to:into:)``.
    ///   - tick: the resolution; a millisecond by default.
    ///   - slotsLog2: the number of slots is 2 to this power, at least 64.
    package init(start: Instant, tick: Duration = .milliseconds(1), slotsLog2: Int = 10) {
        precondition(tick > .zero && slotsLog2 >= 6 && slotsLog2 <= 20)
        tickLength = tick.nanoseconds
        let slots = 1 << slotsLog2
        mask = Int64(slots - 1)
        heads = Array(repeating: Self.none, count: slots)
        occupied = Array(repeating: 0, count: slots / 64)
        currentTick = start.nanoseconds / tickLength
    }

    /// Adds a deadline; one in the past fires at the next ``advance(to:into:)``.
    package mutating func insert(_ deadline: Instant, _ payload: Payload) -> Token {
        let roundedUp = deadline.nanoseconds / tickLength + (deadline.nanoseconds % tickLength > 0 ? 1 : 0)
        let tick = max(roundedUp, currentTick + 1)
        let index: Int32
        if let reused = free.popLast() {
            index = reused
            entries[Int(index)].payload = payload
            entries[Int(index)].tick = tick
        } else {
            index = Int32(entries.count)
            entries.append(Entry(payload: payload, tick: tick))
        }
        link(index, slot: Int(tick & mask))
        count += 1
        return Token(index: index, generation: entries[Int(index)].generation)
    }

    /// Takes a deadline back; nil when it already fired or was cancelled.
    @discardableResult
    package mutating func cancel(_ token: Token) -> Payload? {
        let index = Int(token.index)
        guard entries[index].generation == token.generation, entries[index].payload != nil else { return nil }
        return remove(token.index)
    }

    /// Moves the wheel to `now` and appends what is due; after a sleep longer than a turn in no particular order.
    package mutating func advance(to now: Instant, into due: inout [Payload]) {
        let target = now.nanoseconds / tickLength
        guard target > currentTick else { return }
        // After a long sleep one turn of the wheel visits every slot; more turns would find nothing new.
        let firstTick = currentTick + 1
        let lastTick = min(target, firstTick + mask)
        currentTick = target
        guard count > 0 else { return }
        var tick = firstTick
        while tick <= lastTick {
            let slot = Int(tick & mask)
            if occupied[slot >> 6] == 0 {
                tick += Int64(64 - (slot & 63))
                continue
            }
            var index = heads[slot]
            while index != Self.none {
                let next = entries[Int(index)].next
                if entries[Int(index)].tick <= target { due.append(remove(index)) }
                index = next
            }
            tick += 1
        }
    }

    /// When to call ``advance(to:into:)`` next: never later than the earliest deadline, perhaps earlier. Nil when empty.
    package var nextExpiry: Instant? {
        guard count > 0 else { return nil }
        var tick = currentTick + 1
        let end = tick + mask
        while tick <= end {
            let slot = Int(tick & mask)
            let word = occupied[slot >> 6] >> UInt64(slot & 63)
            if word == 0 {
                tick += Int64(64 - (slot & 63))
                continue
            }
            tick += Int64(word.trailingZeroBitCount)
            return Instant(nanoseconds: tick * tickLength)
        }
        return Instant(nanoseconds: end * tickLength)
    }

    private mutating func link(_ index: Int32, slot: Int) {
        let head = heads[slot]
        entries[Int(index)].previous = Self.none
        entries[Int(index)].next = head
        if head != Self.none { entries[Int(head)].previous = index }
        heads[slot] = index
        occupied[slot >> 6] |= 1 << UInt64(slot & 63)
    }

    private mutating func remove(_ index: Int32) -> Payload {
        let position = Int(index)
        let (previous, next) = (entries[position].previous, entries[position].next)
        if next != Self.none { entries[Int(next)].previous = previous }
        if previous != Self.none {
            entries[Int(previous)].next = next
        } else {
            let slot = Int(entries[position].tick & mask)
            heads[slot] = next
            if next == Self.none { occupied[slot >> 6] &= ~(1 << UInt64(slot & 63)) }
        }
        let payload = entries[position].payload.take()!
        entries[position].generation &+= 1
        free.append(index)
        count -= 1
        return payload
    }
}
