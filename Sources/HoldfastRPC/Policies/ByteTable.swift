/// Values by text, made once and asked once for each call: one hash without a secret, and one comparison.
///
/// `Dictionary` guards against keys chosen to collide. Those in here come from the program and its files; a peer chooses only what is
/// looked up, and that cannot make a chain of slots longer than it is.
struct ByteTable<Value: Sendable>: Sendable {
    private struct Entry: Sendable {
        let hash: UInt64
        /// Where the key stands in ``keys``.
        let key: Range<Int>
        let value: Value
    }

    /// All keys in UTF-8, one behind the other.
    private let keys: [UInt8]
    private let entries: [Entry]
    /// Places of `entries`, by hash, or -1; a power of two, and at least half of them free.
    private let slots: [Int32]

    /// The values, in the order of their keys.
    var values: [Value] { entries.map(\.value) }

    var isEmpty: Bool { entries.isEmpty }

    init(_ values: [String: Value]) {
        var keys: [UInt8] = []
        entries = values.sorted { $0.key < $1.key }.map { key, value in
            let start = keys.count
            keys += key.utf8
            return Entry(hash: Self.hash(key.utf8Span.span), key: start..<keys.count, value: value)
        }
        self.keys = keys
        var size = 2
        while size < entries.count * 2 { size *= 2 }
        var slots = [Int32](repeating: -1, count: size)
        for (place, entry) in entries.enumerated() {
            var slot = Int(truncatingIfNeeded: entry.hash) & (size - 1)
            while slots[slot] >= 0 { slot = (slot + 1) & (size - 1) }
            slots[slot] = Int32(place)
        }
        self.slots = slots
    }

    /// The value of a key in UTF-8.
    func value(for key: Span<UInt8>) -> Value? {
        let hash = Self.hash(key)
        var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
        while slots[slot] >= 0 {
            let place = Int(slots[slot])
            if entries[place].hash == hash, isEqual(entries[place].key, key) { return entries[place].value }
            slot = (slot + 1) & (slots.count - 1)
        }
        return nil
    }

    private func isEqual(_ place: Range<Int>, _ key: Span<UInt8>) -> Bool {
        guard place.count == key.count else { return false }
        let (own, asked) = (keys.span.extracting(place).bytes, key.bytes)
        var offset = 0
        while offset + 8 <= key.count {
            let word = own.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self)
            guard word == asked.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self) else { return false }
            offset += 8
        }
        return (offset..<key.count).allSatisfy { keys[place.lowerBound + $0] == key[$0] }
    }

    /// Eight bytes at a time, each mixed into all bits; the last may overlap.
    private static func hash(_ bytes: Span<UInt8>) -> UInt64 {
        let (count, raw) = (bytes.count, bytes.bytes)
        var hash = UInt64(truncatingIfNeeded: count)
        guard count >= 8 else {
            for index in bytes.indices { hash = hash << 8 | UInt64(bytes[index]) }
            return mixed(hash)
        }
        var offset = 0
        while offset < count - 8 {
            hash = mixed(hash ^ raw.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
            offset += 8
        }
        return mixed(hash ^ raw.unsafeLoadUnaligned(fromByteOffset: count - 8, as: UInt64.self))
    }

    private static func mixed(_ value: UInt64) -> UInt64 {
        let product = value.multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
        return product.high ^ product.low
    }
}
