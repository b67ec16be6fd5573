import Testing

@testable import HoldfastRPC

@Suite("Texts that a peer has sent of late")
struct RecentTextsTests {
    private static func text(_ bytes: [UInt8], _ texts: inout RecentTexts) -> String {
        bytes.withUnsafeBufferPointer { texts.text($0) }
    }

    @Test("Each text is what its bytes say, however many share a place, and whether it came before or not")
    func faithful() {
        var texts = RecentTexts()
        let some = (0..<200).map { "/package.Service/Method\(String(repeating: "x", count: $0))\($0 % 10)" }
        for _ in 0..<3 {
            for text in some + some.reversed() { #expect(Self.text(Array(text.utf8), &texts) == text) }
            // The same length and end, in the same place.
            for text in ["/package.Service/One", "/package.Service/Eno", "/package.Service/One"] {
                #expect(Self.text(Array(text.utf8), &texts) == text)
            }
        }
    }

    @Test("What is no UTF-8 is replaced each time", arguments: [10, 16, 30, 128, 129])
    func malformed(count: Int) {
        var texts = RecentTexts()
        let bytes = Array(repeating: UInt8(ascii: "a"), count: count - 1) + [0xFF]
        for _ in 0..<2 { #expect(Self.text(bytes, &texts) == String(repeating: "a", count: count - 1) + "\u{FFFD}") }
    }

    @Test("A text that comes again is not made again")
    func kept() {
        var texts = RecentTexts()
        let bytes = Array("/package.Service/Method".utf8)
        func address(_ text: String) -> UnsafePointer<UInt8>? { text.utf8.withContiguousStorageIfAvailable { $0.baseAddress } ?? nil }
        let first = Self.text(bytes, &texts)
        let second = Self.text(bytes, &texts)
        #expect(address(first) == address(second))
    }
}
