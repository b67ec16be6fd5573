import Testing

@testable import Holdfast

@Suite("Bulkhead: its word")
struct BulkheadWordTests {
    @Test("The parts of the word do not touch each other, at their smallest and largest", arguments: [1, 2, 1_000_000])
    func parts(limit: Int) {
        var word = BulkheadWord(limit: limit)
        #expect((word.running, word.limit, word.admitted, word.isWaitedFor) == (0, limit, 0, false))
        for count in 1...min(limit, 3) {
            word = word.entered
            #expect((word.running, word.limit, word.admitted) == (count, limit, count))
        }
        #expect(word.hasRoom == (word.running < limit))
        word = word.waitedFor(true).limited(to: 1_000_000)
        #expect((word.running, word.limit, word.isWaitedFor, word.needsLock) == (min(limit, 3), 1_000_000, true, true))
        word = word.waitedFor(false).limited(to: 1)
        #expect((word.running, word.limit, word.isWaitedFor, word.hasRoom) == (min(limit, 3), 1, false, false))
        word = BulkheadWord(word.rawValue - BulkheadWord.oneLeaving)
        #expect((word.running, word.limit, word.admitted) == (min(limit, 3) - 1, 1, min(limit, 3)))
        #expect((word.folded.running, word.folded.limit, word.folded.admitted) == (word.running, 1, 0))
    }

    @Test("The count of admissions asks to be written down before it is lost")
    func overflow() {
        var word = BulkheadWord(limit: 1_000_000)
        for count in 1...(1 << 22) {
            word = BulkheadWord(word.entered.rawValue - BulkheadWord.oneLeaving)
            if word.admitted != count || word.needsLock != (count == 1 << 22) { Issue.record("\(count): \(word)") }
        }
        #expect((word.running, word.limit, word.admitted, word.needsLock) == (0, 1_000_000, 1 << 22, true))
        #expect(word.folded == BulkheadWord(limit: 1_000_000))
    }
}
