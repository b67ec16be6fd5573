import HoldfastAdmin
import Testing

@Suite("Text in HTML")
struct MarkupTests {
    @Test(
        "No text ends an element or an attribute",
        arguments: [
            ("a < b && c > d", "a &lt; b &amp;&amp; c &gt; d"),
            ("\" onclick='x'", "&quot; onclick=&#39;x&#39;"),
            // One character to Swift, a quote and a mark to a browser.
            ("\"\u{301} <\u{338}", "&quot;\u{301} &lt;\u{338}"),
            ("tab\tline\nzero\u{0} next\u{85}", "tab\tline\nzero\u{FFFD} next\u{FFFD}"),
            ("\r\n", "\u{FFFD}\n"),
            ("Grüße, 世界 🎉", "Grüße, 世界 🎉"),
        ])
    func escape(text: String, expected: String) {
        #expect(Array(Markup.escape(text).utf8) == Array(expected.utf8))
    }
}
