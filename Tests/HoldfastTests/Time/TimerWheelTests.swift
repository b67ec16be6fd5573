import Testing

@testable import Holdfast

@Suite("Timer wheel")
struct TimerWheelTests {
    @Test("A deadline fires at its tick, not before, and only once")
    func firesOnce() {
        let wheel = Holder(TimerWheel<Int>(start: Instant(nanoseconds: 0)))
        _ = wheel.value.insert(Instant(nanoseconds: 1_500_000), 7)
        #expect(wheel.value.nextExpiry == Instant(nanoseconds: 2_000_000))
        #expect(wheel.value.due(at: 1_999_999) == [])
        #expect(wheel.value.due(at: 2_000_000) == [7])
        #expect(wheel.value.due(at: 9_000_000) == [])
        #expect(wheel.value.nextExpiry == nil)
    }

    @Test("A cancelled deadline never fires, and its slot's next owner is not cancelled with it")
    func cancel() {
        let wheel = Holder(TimerWheel<Int>(start: Instant(nanoseconds: 0)))
        let token = wheel.value.insert(Instant(nanoseconds: 5_000_000), 1)
        #expect(wheel.value.cancel(token) == 1)
        #expect(wheel.value.cancel(token) == nil)
        _ = wheel.value.insert(Instant(nanoseconds: 6_000_000), 2)
        #expect(wheel.value.cancel(token) == nil)
        #expect(wheel.value.due(at: 10_000_000) == [2])
    }

    @Test("After a sleep longer than a turn of the wheel all that is due comes, in any order, and nothing else")
    func longSleep() {
        let wheel = Holder(TimerWheel<Int>(start: Instant(nanoseconds: 0)))
        for milliseconds in [10, 1030, 1999, 2001] {
            _ = wheel.value.insert(Instant(nanoseconds: Int64(milliseconds) * 1_000_000), milliseconds)
        }
        #expect(Set(wheel.value.due(at: 2_000_000_000)) == [10, 1030, 1999])
        #expect(wheel.value.count == 1)
    }

    @Test("Random deadlines, near and many turns away, fire like those of a sorted list")
    func againstModel() async {
        for seed in 0..<50 as Range<UInt64> {
            var random = RandomSource(seed: seed)
            let wheel = Holder(TimerWheel<Int>(start: Instant(nanoseconds: 0), slotsLog2: 6))
            var model: [Int: (deadline: Int64, token: TimerWheel<Int>.Token)] = [:]
            var now: Int64 = 0
            for step in 0..<1000 {
                switch Int.random(in: 0...9, using: &random) {
                case 0...5:
                    let deadline = now + Int64.random(in: -1_000_000...300_000_000, using: &random)
                    model[step] = (deadline, wheel.value.insert(Instant(nanoseconds: deadline), step))
                case 6...7:
                    guard let (key, entry) = model.min(by: { $0.key < $1.key }) else { continue }
                    let cancelled = wheel.value.cancel(entry.token)
                    if cancelled != key { #expect(cancelled == key, "seed \(seed)") }
                    model[key] = nil
                default:
                    now += Int64.random(in: 0...100_000_000, using: &random)
                    let due = wheel.value.due(at: now)
                    for key in due {
                        let entry = model.removeValue(forKey: key)
                        if entry == nil || entry!.deadline > now { Issue.record("\(key) fired too early or twice, seed \(seed)") }
                    }
                    // What is left is not due, or due within the tick that has not ended.
                    let tick = now / 1_000_000 * 1_000_000
                    if model.values.contains(where: { $0.deadline <= tick - 1_000_000 }) { Issue.record("late, seed \(seed)") }
                }
                if wheel.value.count != model.count { #expect(wheel.value.count == model.count, "seed \(seed)") }
                if let next = wheel.value.nextExpiry, let earliest = model.values.lazy.map(\.deadline).min(),
                    next.nanoseconds > max(earliest, now) + 1_000_000
                {
                    Issue.record("the next expiry is after a deadline, seed \(seed)")
                }
            }
            // Other tests share the few threads of the pool, and some of theirs have deadlines to keep.
            await Task.yield()
        }
    }
}

extension TimerWheel {
    fileprivate mutating func due(at nanoseconds: Int64) -> [Payload] {
        var due: [Payload] = []
        advance(to: Instant(nanoseconds: nanoseconds), into: &due)
        return due
    }
}
