import Testing

@testable import Holdfast

@Suite("Adaptive limiter: the word")
struct AdmissionWordTests {
    @Test("The fields of the word do not touch each other, at both ends of their ranges")
    func fields() {
        for (limit, running, epoch, waiters) in [
            (1, 0, 0, false), (1_000_000, 1_000_000, 32_767, true), (1, 16_777_215, 0, true), (16_777_215, 0, 12_345, false),
        ] as [(Int, Int, UInt64, Bool)] {
            var word = AdmissionWord(limit: 7)
            word.rawValue += UInt64(running) * AdmissionWord.one
            word.limit = limit
            word.epoch = epoch
            if waiters { word.rawValue |= AdmissionWord.waiters }
            #expect(word.limit == limit && word.inFlight == running && word.epoch == epoch && word.hasWaiters == waiters)
            #expect(word.hasRoom == (running < limit))
        }
        var last = AdmissionWord(limit: 1)
        last.epoch = 32_767
        last.epoch += 1
        #expect(last == AdmissionWord(limit: 1))
    }
}
