import Holdfast
import HoldfastChaos
import Testing

@Suite("Arrival schedule")
struct ArrivalScheduleTests {
    private func point(_ seconds: Double, _ rate: Double, _ shape: RatePoint.Shape = .step) -> RatePoint {
        RatePoint(at: TimeReference(text: "\(seconds)", offset: .seconds(seconds)), callsPerSecond: rate, shape: shape)
    }

    private func schedule(
        _ process: Arrival.Process, _ points: [RatePoint], end: Duration, seed: UInt64 = 1, load: String = "users"
    ) -> [Int64] {
        Array(ArrivalSchedule(process, rate: points, end: end, seed: seed, load: load))
    }

    @Test("A constant rate spaces calls evenly")
    func constant() {
        let offsets = schedule(.constant, [point(0, 4)], end: .seconds(2))
        #expect(offsets == (0..<8).map { Int64($0) * 250_000_000 })
    }

    @Test("A step changes the rate at its moment, a rate of 0 pauses, and nothing comes before the first point")
    func steps() {
        let offsets = schedule(.constant, [point(1, 2), point(2, 0), point(3, 4)], end: .seconds(4))
        let milliseconds = offsets.map { $0 / 1_000_000 }
        #expect(milliseconds == [1000, 1500, 3000, 3250, 3500, 3750])
    }

    @Test("A linear ramp offers the area under the line, denser and denser")
    func ramp() {
        let offsets = schedule(.constant, [point(0, 0), point(10, 20, .linear)], end: .seconds(10))
        #expect(offsets.count == 100)
        // n calls are due when 2 t^2 / 2 = n.
        for (index, offset) in offsets.enumerated() {
            #expect(abs(Double(offset) / 1e9 - Double(index).squareRoot()) < 1e-6)
        }
    }

    @Test("Poisson arrivals keep the rate of each stretch and vary as such a process does")
    func poisson() {
        let offsets = schedule(.poisson, [point(0, 1000), point(10, 100), point(20, 1900, .linear)], end: .seconds(30), seed: 3)
        #expect(offsets == offsets.sorted())
        let counts = [0, 10, 20].map { start in offsets.count { $0 / 1_000_000_000 >= start && $0 / 1_000_000_000 < start + 10 } }
        // Expected 10,000 in the step, 10,000 on the ramp, 19,000 after it; the bounds are five standard deviations.
        #expect(abs(counts[0] - 10_000) < 500)
        #expect(abs(counts[1] - 10_000) < 500)
        #expect(abs(counts[2] - 19_000) < 690)
        let perSecond = (0..<10).map { second in Double(offsets.count { Int($0 / 1_000_000_000) == second }) }
        let variance = perSecond.reduce(0) { $0 + ($1 - 1000) * ($1 - 1000) } / 10
        #expect((200...3000).contains(variance), "a Poisson count's variance is its mean, \(variance)")
    }

    @Test("Uniform arrivals keep the rate, and no gap is longer than twice the mean")
    func uniform() {
        let offsets = schedule(.uniform, [point(0, 100)], end: .seconds(100), seed: 5)
        // Gaps of a hundredth of a second on average, with a standard deviation of 0.58 of that: five of them for 10,000.
        #expect(abs(offsets.count - 10_000) < 290)
        let gaps = zip(offsets, offsets.dropFirst()).map { $1 - $0 }
        #expect(gaps.allSatisfy { $0 <= 20_000_001 })
        #expect(gaps.count { $0 < 10_000_000 } > 4700)
    }

    @Test("The schedule is a function of the seed and the load's name alone")
    func determinism() {
        let points = [point(0, 50)]
        let first = schedule(.poisson, points, end: .seconds(4))
        #expect(first == schedule(.poisson, points, end: .seconds(4)))
        #expect(first != schedule(.poisson, points, end: .seconds(4), seed: 2))
        #expect(first != schedule(.poisson, points, end: .seconds(4), load: "robots"))
        // A longer run begins like a shorter one.
        #expect(schedule(.poisson, points, end: .seconds(8)).starts(with: first))
    }

    @Test("The numbers do not depend on the process: these are what seed 1 has always given")
    func stability() {
        let offsets = schedule(.poisson, [point(0, 100)], end: .seconds(1))
        #expect(offsets.prefix(3) == [24_249_587, 35_790_171, 37_898_139])
    }
}
