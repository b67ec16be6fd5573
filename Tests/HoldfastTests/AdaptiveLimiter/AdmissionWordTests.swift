import Testing

@testable import Holdfast

@Suite("Adaptive limiter: the word and the queue")
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

    @Test("S51: random joining, leaving and serving is as with a plain array")
    func queue() async {
        for seed in 0..<5000 as Range<UInt64> {
            var chance = RandomSource(seed: seed)
            var queue = WaitingCalls<Int>()
            var model: [(id: Int, payload: Int)] = []
            for step in 0..<60 {
                switch Int.random(in: 0..<5, using: &chance) {
                case 0, 1: model.append((queue.join(step), step))
                case 2:
                    let first = model.isEmpty ? nil : model.removeFirst().payload
                    let served = queue.popFirst()
                    if served != first { #expect(served == first, "seed \(seed)") }
                default:
                    let id = Int.random(in: 1...60, using: &chance)
                    let index = model.firstIndex { $0.id == id }
                    let gone = index.map { model.remove(at: $0).payload }
                    let left = queue.leave(id)
                    if left != gone { #expect(left == gone, "seed \(seed)") }
                }
                if queue.count != model.count { #expect(queue.count == model.count, "seed \(seed)") }
            }
            if seed % 100 == 0 { await Task.yield() }
        }
    }
}
