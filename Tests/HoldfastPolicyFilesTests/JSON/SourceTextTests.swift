import HoldfastPolicyFiles
import Testing

@Suite("The line that a finding is about, with a caret")
struct SourceTextTests {
    @Test(
        "The caret stands below the place",
        arguments: [
            ("abc\ndef\r\nghi", 2, 3, 6, " 2 | def\n   |   ^"), ("abc", 1, 4, 3, " 1 | abc\n   |    ^"), ("", 1, 1, 0, " 1 | \n   | ^"),
            ("\t\tx", 1, 3, 2, " 1 |         x\n   |         ^"), ("é\u{1}x", 1, 3, 3, " 1 | é?x\n   |   ^"),
            ("政x", 1, 2, 3, " 1 | 政x\n   |   ^"), ("a\n\n", 3, 1, 3, " 3 | \n   | ^"),
        ])
    func caret(text: String, line: Int, column: Int, offset: Int, excerpt: String) {
        let source = SourceText(file: "f", bytes: Array(text.utf8))
        #expect(source.excerpt(at: SourcePosition(line: line, column: column, offset: offset)) == excerpt)
    }

    @Test("Of a line without an end only what surrounds the place is looked at and shown")
    func longLine() {
        let bytes = Array(repeating: UInt8(ascii: "-"), count: 1 << 20)
        let excerpt = SourceText(file: "f", bytes: bytes).excerpt(at: SourcePosition(line: 1, column: 500_001, offset: 500_000))
        let lines = excerpt.split(separator: "\n")
        #expect(lines[0] == " 1 | …\(String(repeating: "-", count: 60))\(String(repeating: "-", count: 40))…")
        #expect(lines[1] == "   | \(String(repeating: " ", count: 61))^")
    }

    @Test("A place in broken text is shown all the same")
    func brokenText() {
        let source = SourceText(file: "f", bytes: [0x22, 0xFF, 0x80, 0x22])
        #expect(
            source.excerpt(at: SourcePosition(line: 1, column: 2, offset: 1))
                == " 1 | \"\n   |  ^".replacing("\"\n", with: "\"\u{FFFD}\u{FFFD}\"\n"))
    }
}
