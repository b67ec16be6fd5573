import HoldfastPolicyFiles
import Testing

@Suite struct SpellingTests {
    @Test(
        "The distance counts edits and swaps of neighbours",
        arguments: [("", "", 0), ("a", "", 1), ("after", "afetr", 1), ("kitten", "sitting", 3), ("minimumCals", "minimumCalls", 1)])
    func distance(first: String, second: String, distance: Int) {
        #expect(Spelling.distance(first, second) == distance)
        #expect(Spelling.distance(second, first) == distance)
    }

    @Test("A name far from all candidates, or absurdly long, has no nearest")
    func nearest() {
        #expect(Spelling.nearest(to: "threshold", among: ["window", "minimumCalls"]) == nil)
        #expect(Spelling.nearest(to: "windwo", among: ["window", "minimumCalls"]) == "window")
        #expect(Spelling.nearest(to: String(repeating: "w", count: 1_000_000), among: ["w"]) == nil)
    }
}
