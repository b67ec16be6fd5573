import Holdfast
import Testing

@testable import HoldfastVirtualTime

@Suite("Virtual time: timers")
struct TimerHeapTests {
    /// The slow, obviously right model: a list that is searched for its least.
    private struct Model {
        var timers: [(deadline: Int64, order: Int, token: TimerHeap<Int>.Token)] = []

        mutating func popEarliest() -> Int? {
            let least = timers.indices.min { (timers[$0].deadline, timers[$0].order) < (timers[$1].deadline, timers[$1].order) }
            return least.map { timers.remove(at: $0).order }
        }
    }

    @Test("Random sets, cancellations and expiries come out as from a list that is searched: 20,000 short rows")
    func model() throws {
        for seed in 0..<20_000 as Range<UInt64> {
            var chance = seed
            var heap = TimerHeap<Int>()
            var model = Model()
            var gone: [TimerHeap<Int>.Token] = []
            for step in 0..<24 {
                let draw = SplitMix64.next(&chance)
                switch draw % 4 {
                case 0, 1:
                    let deadline = Int64(draw >> 8 & 7)
                    model.timers.append((deadline, step, heap.insert(Instant(nanoseconds: deadline), step)))
                case 2 where !model.timers.isEmpty:
                    let token = model.timers.remove(at: Int(draw >> 8) % model.timers.count).token
                    gone.append(token)
                    if !heap.cancel(token) { Issue.record("seed \(seed), step \(step): a timer that is set was not cancelled") }
                default:
                    let (expected, actual) = (model.popEarliest(), heap.popEarliest()?.action)
                    if expected != actual { Issue.record("seed \(seed), step \(step): \(String(describing: actual)) came first") }
                }
                if let token = gone.last, heap.cancel(token) { Issue.record("seed \(seed), step \(step): cancelled twice") }
                if heap.count != model.timers.count { Issue.record("seed \(seed), step \(step): \(heap.count) timers") }
            }
        }
    }

    @Test("A world keeps nothing of cancelled timers")
    func cancelledTimersLeave() {
        let world = VirtualTime()
        let far = Instant(nanoseconds: 1_000_000_000_000)
        for _ in 0..<10_000 { world.schedule(at: far) {}.cancel() }
        #expect(world.pendingTimers == 0)
        let timer = world.schedule(at: far) {}
        #expect(world.pendingTimers == 1)
        timer.cancel()
        timer.cancel()
        #expect(world.pendingTimers == 0)
    }

    @Test("A timer that has fired cannot be cancelled through its old handle once another took its place")
    func oldHandle() {
        let world = VirtualTime()
        let fired = Locked(0)
        let first = world.schedule(at: Instant(nanoseconds: 1)) { fired.withLock { $0 += 1 } }
        world.advance(by: .nanoseconds(1))
        _ = world.schedule(at: Instant(nanoseconds: 2)) { fired.withLock { $0 += 1 } }
        first.cancel()
        world.advance(by: .nanoseconds(1))
        #expect(fired.withLock { $0 } == 2)
    }
}
