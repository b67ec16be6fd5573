import HoldfastVirtualTime
import Testing

@testable import Holdfast

@Suite("Virtual time")
struct VirtualTimeTests {
    @Test("Sleeps end in order of time and take no real time")
    func jumps() throws {
        let world = VirtualTime()
        let order = try world.run {
            await withTaskGroup(of: Int.self) { group in
                for hours in [3, 1, 2] {
                    group.addTask {
                        try? await world.timeSource.sleep(for: .seconds(hours * 3600))
                        return hours
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
        }
        #expect(order == [1, 2, 3])
        #expect(world.now() == Instant(nanoseconds: 3 * 3_600_000_000_000))
    }

    @Test("Waiting for something that nothing brings is reported, not hung on")
    func deadlock() {
        let world = VirtualTime()
        let never = OneShot()
        #expect(throws: VirtualTime.Deadlock.self) { try world.run { try await never.value() } }
        never.finish(.success(()))
    }

    @Test("A sleep until the distant future is waited for in vain: the clock does not jump there")
    func distantFuture() {
        let world = VirtualTime()
        #expect(throws: VirtualTime.Deadlock.self) { try world.run { try await world.timeSource.sleep(until: .distantFuture) } }
        #expect(world.now() == Instant(nanoseconds: 0))
    }

    @Test("The same seed gives the same numbers, evenly spread over 0..<1")
    func seeded() {
        let first = RandomSource(seed: 42)
        let second = RandomSource(seed: 42)
        let draws = (0..<10_000).map { _ in first.uniform() }
        #expect(draws.prefix(100).elementsEqual((0..<100).map { _ in second.uniform() }))
        #expect(draws.allSatisfy { $0 >= 0 && $0 < 1 })
        let mean = draws.reduce(0, +) / 10_000
        #expect(abs(mean - 0.5) < 0.02)
    }

    @Test("Absurd durations saturate instead of trapping")
    func saturation() {
        let far = Instant(nanoseconds: .max - 5)
        #expect(far + .seconds(Int64.max) == .distantFuture)
        #expect(Instant(nanoseconds: -5).duration(to: .distantFuture).nanoseconds == .max)
        #expect(Duration.seconds(Int64.min).nanoseconds == .min)
    }
}
