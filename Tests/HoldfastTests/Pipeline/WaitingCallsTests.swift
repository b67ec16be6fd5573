import Testing

@testable import Holdfast

@Suite("Waiting calls")
struct WaitingCallsTests {
    @Test("S51: random joining, leaving, expiring and serving is as with a plain array")
    func model() async {
        for seed in 0..<5000 as Range<UInt64> {
            var chance = RandomSource(seed: seed)
            var queue = WaitingCalls()
            var model: [(id: Int, latest: Int64)] = []
            var now: Int64 = 0
            for step in 0..<60 {
                switch Int.random(in: 0..<8, using: &chance) {
                case 0, 1, 2:
                    let latest = now + Int64.random(in: 0...20, using: &chance)
                    model.append((queue.join(until: Instant(nanoseconds: latest)), latest))
                case 3:
                    let first = model.isEmpty ? nil : model.removeFirst().id
                    let served = queue.popFirst()
                    if served != first { #expect(served == first, "seed \(seed), step \(step)") }
                case 4:
                    let last = model.popLast()?.id
                    let served = queue.popLast()
                    if served != last { #expect(served == last, "seed \(seed), step \(step)") }
                case 5:
                    let id = Int.random(in: 1...40, using: &chance)
                    let index = model.firstIndex { $0.id == id }
                    if let index { model.remove(at: index) }
                    let left = queue.leave(id)
                    if left != (index != nil) { #expect(left == (index != nil), "seed \(seed), step \(step)") }
                default:
                    now += Int64.random(in: 0...5, using: &chance)
                    let gone = model.filter { $0.latest < now }.map(\.id)
                    model.removeAll { $0.latest < now }
                    let expired = queue.expire(Instant(nanoseconds: now))
                    if expired != gone { #expect(expired == gone, "seed \(seed), step \(step)") }
                }
                if queue.count != model.count { #expect(queue.count == model.count, "seed \(seed), step \(step)") }
                // It may be too early, never too late.
                let next = queue.nextExpiry?.nanoseconds ?? .max
                let due = model.map { $0.latest + 1 }.min() ?? .max
                if next > due || model.isEmpty != (next == .max) { #expect(next == due, "seed \(seed), step \(step)") }
            }
            if seed % 4 == 0 { await Task.yield() }
        }
    }
}
