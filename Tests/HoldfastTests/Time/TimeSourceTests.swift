import HoldfastVirtualTime
import Testing

@testable import Holdfast

@Suite("The clock that all policies read")
struct TimeSourceTests {
    @Test("The system's last tick is over, and is followed by others", .timeLimit(.minutes(1)))
    func systemLastTick() {
        let first = TimeSource.system.lastTick()
        var last = first
        while last == first {
            last = TimeSource.system.lastTick()
            #expect(last <= TimeSource.system.now())
        }
        #expect(last > first)
    }

    @Test("A virtual clock has no ticks")
    func virtualLastTick() {
        let world = VirtualTime()
        world.advance(by: .nanoseconds(1))
        #expect(world.timeSource.lastTick() == world.timeSource.now())
    }
}
