import HoldfastVirtualTime
import Testing

@testable import Holdfast

@Suite("Rolling counter")
struct RollingCounterTests {
    private static func at(_ milliseconds: Int64) -> Instant { Instant(nanoseconds: milliseconds * 1_000_000) }

    @Test("S11: what is older than the window is not counted, without anything being written")
    func expiry() {
        let counter = RollingCounter(window: .seconds(1), now: Self.at(0))
        counter.addFirst(Self.at(50))
        counter.addSecond(Self.at(950))
        #expect(counter.sums(Self.at(999)) == .init(first: 1, second: 1))
        #expect(counter.sums(Self.at(1000)) == .init(first: 0, second: 1))
        #expect(counter.sums(Self.at(1899)) == .init(first: 0, second: 1))
        #expect(counter.sums(Self.at(1900)) == .init(first: 0, second: 0))
    }

    @Test("S21: an addition that read the clock before a bucket ended counts in the newer bucket")
    func backwards() {
        let counter = RollingCounter(window: .seconds(1), now: Self.at(0))
        counter.addFirst(Self.at(500))
        counter.addFirst(Self.at(100))
        counter.addFirst(Self.at(-7_000))
        #expect(counter.sums(Self.at(-1)).first == 3)
        #expect(counter.sums(Self.at(1499)).first == 3)
        #expect(counter.sums(Self.at(1500)).first == 0)
    }

    @Test("The second sum grows only as the condition allows, and the condition sees all that was counted")
    func conditional() {
        let counter = RollingCounter(window: .seconds(1), now: Self.at(0))
        for _ in 0..<3 { counter.addFirst(Self.at(0)) }
        let allowed = (0..<5).map { _ in counter.addSecond(Self.at(200)) { $0.second < $0.first } }
        #expect(allowed == [true, true, true, false, false])
        #expect(counter.sums(Self.at(200)) == .init(first: 3, second: 3))
    }

    @Test("S80: another shape begins at zero")
    func reshape() {
        let counter = RollingCounter(window: .seconds(1), now: Self.at(0))
        counter.addFirst(Self.at(0))
        counter.reshape(window: .seconds(10), now: Self.at(5))
        #expect(counter.sums(Self.at(5)).first == 0)
        counter.addFirst(Self.at(10))
        #expect(counter.sums(Self.at(9_999)).first == 1)
        #expect(counter.sums(Self.at(10_000)).first == 0)
    }

    @Test(
        "Nothing traps at the ends of time",
        arguments: [
            (Int64.min, Int64.max), (-1, .max), (.max - 1, .max), (.min, 0), (0, .max), (.max, .max), (.min, .min),
        ])
    func ends(from: Int64, to: Int64) {
        for window in [Duration.nanoseconds(1), .nanoseconds(10), .seconds(1), .nanoseconds(Int64.max)] {
            let counter = RollingCounter(window: window, now: Instant(nanoseconds: from))
            counter.addFirst(Instant(nanoseconds: from))
            counter.addFirst(Instant(nanoseconds: to))
            #expect((1...2).contains(counter.sums(Instant(nanoseconds: to)).first))
        }
    }

    /// The model keeps every addition with the latest time seen, and counts those whose bucket is one of the last so many.
    @Test("Sums equal the fold over all additions, for random additions and clock readings")
    func property() async {
        for seed in 0..<4000 as Range<UInt64> {
            var random = RandomSource(seed: seed)
            let buckets = Int.random(in: 1...12, using: &random)
            let length = Int64.random(in: 1...50, using: &random)
            var latest = Int64.random(in: -500...500, using: &random)
            let window = Duration.nanoseconds(length * Int64(buckets))
            let counter = RollingCounter(window: window, buckets: buckets, now: Instant(nanoseconds: latest))
            var added: [(at: Int64, isFirst: Bool)] = []
            for _ in 0..<40 {
                let reading = latest + Int64.random(in: -20...length * 2, using: &random)
                latest = max(latest, reading)
                let now = Instant(nanoseconds: reading)
                switch Int.random(in: 0...9, using: &random) {
                case 0: latest += length * Int64.random(in: 0...20, using: &random)
                case 1...4:
                    counter.addFirst(now)
                    added.append((latest, true))
                case 5...8:
                    counter.addSecond(now)
                    added.append((latest, false))
                default: break
                }
                let bucket = { (time: Int64) in (Double(time) / Double(length)).rounded(.down) }
                let inside = added.filter { bucket($0.at) > bucket(latest) - Double(buckets) }
                let expected = RollingCounter.Sums(
                    first: inside.count { $0.isFirst }, second: inside.count { !$0.isFirst })
                let sums = counter.sums(Instant(nanoseconds: latest))
                if sums != expected { #expect(sums == expected, "seed \(seed)") }
            }
            if seed % 4 == 0 { await Task.yield() }
        }
    }

    @Test("No addition is lost or counted twice while 64 tasks add and buckets end")
    func concurrent() async {
        let world = VirtualTime()
        // A window that nothing leaves, in buckets that end all the time.
        let shared = SharedCounter(RollingCounter(window: .milliseconds(1000), buckets: 1000, now: world.now()))
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<64 {
                group.addTask {
                    var random = RandomSource(seed: UInt64(number))
                    for step in 0..<200 {
                        let late = Duration.microseconds(Int64.random(in: 0...5000, using: &random))
                        shared.counter.addFirst(world.now() - late)
                        shared.counter.addSecond(world.now())
                        if step % 10 == 0 { world.advance(by: .microseconds(500)) }
                        _ = shared.counter.sums(world.now())
                        if step % 4 == 0 { await Task.yield() }
                    }
                }
            }
        }
        #expect(shared.counter.sums(world.now()) == .init(first: 12_800, second: 12_800))
    }

    private final class SharedCounter: Sendable {
        let counter: RollingCounter

        init(_ counter: consuming sending RollingCounter) { self.counter = counter }
    }
}
