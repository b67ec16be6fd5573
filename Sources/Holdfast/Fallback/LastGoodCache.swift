/// The last good answer for each key, least recently used out first when it is full.
///
/// Inlinable, so that whoever remembers answers hashes and copies their own types and not any types: that is ten times as fast.
@usableFromInline
struct LastGoodCache<Key: Hashable, Value> {
    @usableFromInline
    struct Entry {
        @usableFromInline let key: Key
        @usableFromInline var value: Value
        @usableFromInline var storedAt: Instant
        @usableFromInline var previous: Int
        @usableFromInline var next: Int

        @inlinable
        init(_ value: Value, for key: Key, _ now: Instant) {
            self.key = key
            self.value = value
            storedAt = now
            previous = LastGoodCache.none
            next = LastGoodCache.none
        }
    }

    @inlinable static var none: Int { -1 }

    @usableFromInline let maxEntries: Int
    @usableFromInline var index: [Key: Int] = [:]
    @usableFromInline var entries: [Entry] = []
    @usableFromInline var newest = -1
    @usableFromInline var oldest = -1

    init(maxEntries: Int) {
        self.maxEntries = maxEntries
    }

    /// The same answers in a cache of another size, as far as they fit.
    func resized(_ maxEntries: Int) -> LastGoodCache {
        guard maxEntries != self.maxEntries else { return self }
        var resized = LastGoodCache(maxEntries: maxEntries)
        var position = oldest
        while position != Self.none {
            resized.store(entries[position].value, for: entries[position].key, entries[position].storedAt)
            position = entries[position].previous
        }
        return resized
    }

    var count: Int { entries.count }

    /// The answer for that key, unless it is older than that.
    mutating func value(for key: Key, maxAge: Duration, _ now: Instant) -> Value? {
        guard let position = index[key], entries[position].storedAt.duration(to: now) <= maxAge else { return nil }
        moveToFront(position)
        return entries[position].value
    }

    /// Keeps an answer; a full cache forgets the one not used for longest.
    @inlinable
    mutating func store(_ value: Value, for key: Key, _ now: Instant) {
        guard maxEntries > 0 else { return }
        if let position = index[key] {
            entries[position].value = value
            entries[position].storedAt = now
            return moveToFront(position)
        }
        let entry = Entry(value, for: key, now)
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

    @inlinable
    mutating func moveToFront(_ position: Int) {
        guard position != newest else { return }
        unlink(position)
        linkFront(position)
    }

    @inlinable
    mutating func linkFront(_ position: Int) {
        entries[position].previous = Self.none
        entries[position].next = newest
        if newest != Self.none { entries[newest].previous = position }
        newest = position
        if oldest == Self.none { oldest = position }
    }

    @inlinable
    mutating func unlink(_ position: Int) {
        let (previous, next) = (entries[position].previous, entries[position].next)
        if previous != Self.none { entries[previous].next = next } else { newest = next }
        if next != Self.none { entries[next].previous = previous } else { oldest = previous }
    }
}
