/// The quotas of many keys, in the order of their last use.
///
/// A key is forgotten only if a new one would have no more permits, and nobody waits for it: who comes back after that gains
/// nothing.
struct KeyTable {
    private struct Entry {
        var key: String
        var machine: RateLimiterStateMachine
        var older: Int32
        var newer: Int32
    }

    private static let nobody: Int32 = -1

    private var slots: [String: Int32] = [:]
    private var entries: [Entry] = []
    private var free: [Int32] = []
    private var oldest = nobody
    private var newest = nobody

    /// The quota in that slot. A slot keeps its key for as long as somebody waits for it.
    subscript(slot: Int) -> RateLimiterStateMachine {
        get { entries[slot].machine }
        _modify { yield &entries[slot].machine }
    }

    /// How many keys are remembered.
    var count: Int { slots.count }

    /// The slots in use.
    var inUse: [Int] { slots.values.map(Int.init) }

    /// The slot of a key, which is the newest from now on; nil if the key is not known.
    mutating func use(_ key: String) -> Int? {
        guard let slot = slots[key] else { return nil }
        if slot != newest {
            unlink(slot)
            link(slot)
        }
        return Int(slot)
    }

    /// The slot of a key, for reading.
    func find(_ key: String) -> Int? { slots[key].map(Int.init) }

    /// Adds a key that is not known yet.
    mutating func insert(_ key: String, _ machine: RateLimiterStateMachine) -> Int {
        let entry = Entry(key: key, machine: machine, older: Self.nobody, newer: Self.nobody)
        let slot: Int32
        if let reused = free.popLast() {
            slot = reused
            entries[Int(slot)] = entry
        } else {
            slot = Int32(entries.count)
            entries.append(entry)
        }
        slots[key] = slot
        link(slot)
        return Int(slot)
    }

    /// Forgets the least recently used key that may be forgotten; false if none of the oldest sixteen may.
    mutating func forgetOne(_ now: Instant, _ rules: QuotaRules) -> Bool {
        var slot = oldest
        for _ in 0..<16 where slot != Self.nobody {
            if mayForget(slot, now, rules) {
                forget(slot, now, rules)
                return true
            }
            slot = entries[Int(slot)].newer
        }
        return false
    }

    /// Forgets a few of the keys that nobody asked for in a long time; gives how many.
    mutating func forgetIdle(_ now: Instant, _ rules: QuotaRules) -> Int {
        var slot = oldest
        var forgotten = 0
        for _ in 0..<4 where slot != Self.nobody {
            let entry = entries[Int(slot)]
            guard entry.machine.quota.lastAsked.advanced(byNanoseconds: rules.idleAfter) <= now else { break }
            if mayForget(slot, now, rules) {
                forget(slot, now, rules)
                forgotten += 1
            }
            slot = entry.newer
        }
        return forgotten
    }

    private func mayForget(_ slot: Int32, _ now: Instant, _ rules: QuotaRules) -> Bool {
        let machine = entries[Int(slot)].machine
        return machine.queued == 0 && machine.quota.isFresh(now, rules)
    }

    private mutating func forget(_ slot: Int32, _ now: Instant, _ rules: QuotaRules) {
        unlink(slot)
        slots[entries[Int(slot)].key] = nil
        entries[Int(slot)].key = ""
        entries[Int(slot)].machine = RateLimiterStateMachine(rules, now: now)
        free.append(slot)
    }

    private mutating func link(_ slot: Int32) {
        entries[Int(slot)].older = newest
        entries[Int(slot)].newer = Self.nobody
        if newest == Self.nobody { oldest = slot } else { entries[Int(newest)].newer = slot }
        newest = slot
    }

    private mutating func unlink(_ slot: Int32) {
        let (older, newer) = (entries[Int(slot)].older, entries[Int(slot)].newer)
        if older == Self.nobody { oldest = newer } else { entries[Int(older)].newer = newer }
        if newer == Self.nobody { newest = older } else { entries[Int(newer)].older = older }
    }
}
