/// The key-value pairs that travel in front of a call's messages, and after them.
///
/// Keys are lower case, and taken as if written so; a key may occur several times, and order is kept. The values of keys that end in `-bin` are bytes
/// (Base64 on the wire), all others are printable ASCII.
public struct Metadata: Hashable, Sendable {
    private(set) var entries: [Entry] = []

    struct Entry: Hashable, Sendable {
        let key: String
        let value: String
        /// Whether bytes were added for a key that does not say so.
        var isMisnamed = false
    }

    /// No pairs.
    public init() {}

    /// Whether there is no pair.
    public var isEmpty: Bool { entries.isEmpty }

    /// The number of pairs.
    public var count: Int { entries.count }

    /// Adds a pair behind those that are there. Bad keys and values are reported when the call is made.
    public mutating func add(_ value: String, for key: String) {
        entries.append(Entry(key: Self.lowercased(key), value: value))
    }

    /// Most keys are lower case already, and seen to be so for less than it takes to make them so.
    private static func lowercased(_ key: String) -> String {
        key.utf8.contains { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) || $0 >= 0x80 } ? key.lowercased() : key
    }

    /// Adds bytes. The key must end in `-bin`; one that does not is reported when the call is made.
    public mutating func add(_ bytes: [UInt8], for key: String) {
        let key = Self.lowercased(key)
        entries.append(Entry(key: key, value: Base64.encode(bytes), isMisnamed: !key.hasSuffix("-bin")))
    }

    /// The first value of `key`, as it stands on the wire; setting replaces all values of the key.
    public subscript(key: String) -> String? {
        get {
            let key = Self.lowercased(key)
            return entries.first { $0.key == key }?.value
        }
        set {
            let key = Self.lowercased(key)
            entries.removeAll { $0.key == key }
            if let newValue { entries.append(Entry(key: key, value: newValue)) }
        }
    }

    /// All values of `key`, in order.
    public func values(for key: String) -> [String] {
        let key = Self.lowercased(key)
        return entries.lazy.filter { $0.key == key }.map(\.value)
    }

    /// The first bytes of `key`, which ends in `-bin`; nil when there are none or they are no Base64.
    public func bytes(for key: String) -> [UInt8]? {
        self[key].flatMap { Base64.decodeAll($0)?.first }
    }

    /// All bytes of `key`, which ends in `-bin`, in order. A proxy may join values with commas ("gRPC over HTTP2", Custom-Metadata);
    /// here they come apart again. What is no Base64 is left out.
    public func allBytes(for key: String) -> [[UInt8]] {
        values(for: key).flatMap { Base64.decodeAll($0) ?? [] }
    }

    /// Adds the pairs of `other` behind those that are there.
    public mutating func append(_ other: Metadata) {
        entries.append(contentsOf: other.entries)
    }
}

extension Metadata: RandomAccessCollection {
    /// One pair, as it stands on the wire.
    public typealias Element = (key: String, value: String)

    /// Zero.
    public var startIndex: Int { 0 }

    /// The number of pairs.
    public var endIndex: Int { entries.count }

    /// The pair at `position`, which must be in range.
    public subscript(position: Int) -> Element {
        (entries[position].key, entries[position].value)
    }
}

extension Metadata: ExpressibleByDictionaryLiteral {
    /// Takes the pairs in the order in which they are written.
    public init(dictionaryLiteral elements: (String, String)...) {
        for (key, value) in elements { add(value, for: key) }
    }
}

extension Metadata: CustomStringConvertible {
    /// The pairs as `key: value`, separated by commas.
    public var description: String {
        "[" + entries.map { "\($0.key): \($0.value)" }.joined(separator: ", ") + "]"
    }
}
