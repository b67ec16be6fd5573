import Holdfast

/// Texts that a peer has sent of late. A call's path, and what else it says of itself, comes with every call, and need not be made anew each time.
///
/// There are so many places and no more. A text's place follows from its length and its last byte, and the next text there takes it over, so
/// that a peer that never sends anything twice costs what it would without them.
struct RecentTexts {
    private static let places = 16
    /// Up to here a `String` needs no storage.
    private static let shortest = 16
    /// So that a connection holds some 2 kB of them at most.
    private static let longest = 128

    /// Empty until there is a first one: a connection may wait for long without.
    private var texts: [String] = []

    /// `bytes` as a text; what is no UTF-8 is replaced.
    mutating func text(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
        guard (Self.shortest...Self.longest).contains(bytes.count) else { return String(decoding: bytes, as: UTF8.self) }
        if texts.isEmpty { texts = Array(repeating: "", count: Self.places) }
        let place = (bytes.count &+ 5 &* Int(bytes[bytes.count - 1])) % Self.places
        let known = texts[place]
        if known.utf8.withContiguousStorageIfAvailable({ bytes.elementsEqual($0) }) == true { return known }
        let text = String(decoding: bytes, as: UTF8.self)
        texts[place] = text
        return text
    }
}
