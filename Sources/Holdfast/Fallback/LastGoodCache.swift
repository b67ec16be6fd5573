/// The last good answer for each key, least recently used out first when it is full.
struct LastGoodCache<Key: Hashable, Value> {
    private struct Entry {
        let key: Key
        var value: Value
        var storedAt: Instant
        var previous: Int
        var next: Int
    }

    private static var none: Int { -1 }

    private let maxAge: Duration
    private let maxEntries: Int
    private var index: [Key: Int] = [:]
    private var entries: [Entry] = []
    private var newest = Self.none
    private var oldest = Self.none

    init(maxAge: Duration, maxEntries: Int) {
        self.maxAge = maxAge
        self.maxEntries = maxEntries
    }

    var count: Int { entries.count }

    /// The answer for that key, unless it is too old.
    mutating func value(for key: Key, _ now: Instant) -> Value? {
        guard let position = index[key], entries[position].storedAt.duration(to: now) <= maxAge else { return nil }
        moveToFront(position)
        return entries[position].value
    }

    /// Keeps an answer; a full cache forgets the one not used for longest.
    mutating func store(_ value: Value, for key: Key, _ now: Instant) {
        if let position = index[key] {
            entries[position].value = value
            entries[position].storedAt = now
            return moveToFront(position)
        }
        let entry = Entry(key: key, value: value, storedAt: now, previous: Self.none, next: Self.none)
        let position: Int
        if entries.count < maxEntries {
            position = entries.count
            entries.append(entry)
        } else {
            position = oldest
            unlink(position)
            index[entries[position].key] = nil
            entries[position] = entry
        }
        index[key] = position
        linkFront(position)
    }

    private mutating func moveToFront(_ position: Int) {
        guard position != newest else { return }
        unlink(position)
        linkFront(position)
    }

    private mutating func linkFront(_ position: Int) {
        entries[position].previous = Self.none
        entries[position].next = newest
        if newest != Self.none { entries[newest].previous = position }
        newest = position
        if oldest == Self.none { oldest = position }
    }

    private mutating func unlink(_ position: Int) {
        let (previous, next) = (entries[position].previous, entries[position].next)
        if previous != Self.none { entries[previous].next = next } else { newest = next }
        if next != Self.none { entries[next].previous = previous } else { oldest = previous }
    }
}
