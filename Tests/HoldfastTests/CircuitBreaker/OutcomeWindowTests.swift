import Testing

@testable import Holdfast

@Suite("Circuit breaker: the window of outcomes")
struct OutcomeWindowTests {
    @Test("S11: the sums of a window equal a fold over what it should hold, for random calls and times")
    func againstModel() async throws {
        for seed in 0..<25_000 as Range<UInt64> {
            var random = RandomSource(seed: seed)
            let timed = seed % 2 == 0
            let size = Int.random(in: 2...20, using: &random)
            var window = OutcomeWindow(timed ? .time(.milliseconds(size * 10), buckets: 10) : .count(size), now: Instant(nanoseconds: 0))
            var history: [(bucket: Int64, failed: Bool, slow: Bool)] = []
            var now: Int64 = 0
            for _ in 0..<Int.random(in: 10...50, using: &random) {
                now += Int64.random(in: 0...3_000_000, using: &random) * (Int.random(in: 0...50, using: &random) == 0 ? 200 : 1)
                window.expire(Instant(nanoseconds: now))
                let call = (now / (Int64(size) * 1_000_000), Bool.random(using: &random), Bool.random(using: &random))
                window.record(failed: call.1, slow: call.2)
                history.append(call)
                let held = timed ? history.filter { $0.bucket > call.0 - 10 } : history.suffix(size)
                let expected = OutcomeWindow.Counts(
                    total: held.count, failed: held.count { $0.failed }, slow: held.count { $0.slow })
                // Compared first: the macro costs a thousand times the comparison.
                if window.counts != expected { #expect(window.counts == expected, "seed \(seed)") }
            }
            // Other tests share the few threads of the pool, and some of theirs have deadlines to keep.
            if seed % 4 == 0 { await Task.yield() }
        }
    }

    @Test(
        "S11: a time window counts wherever on the clock it stands, before its origin and at its end too",
        arguments: [Instant(nanoseconds: .min), Instant(nanoseconds: -20_000_000_000), Instant(nanoseconds: 0), .distantFuture])
    func anyInstant(start: Instant) {
        let window = Holder(OutcomeWindow(.time(.seconds(30)), now: start))
        for now in [start, start + .seconds(1)] {
            window.value.expire(now)
            window.value.record(failed: true, slow: false)
        }
        #expect(window.value.counts == .init(total: 2, failed: 2))
        window.value.expire(.distantFuture)
        #expect(window.value.counts.total == (start == .distantFuture ? 2 : 0))
    }

    @Test("S11: a window of the shortest buckets goes from one end of the clock to the other")
    func shortestBuckets() {
        let window = Holder(OutcomeWindow(.time(.nanoseconds(10)), now: Instant(nanoseconds: .min)))
        window.value.record(failed: true, slow: false)
        for now in [Instant(nanoseconds: 0), .distantFuture] {
            window.value.expire(now)
            #expect(window.value.counts.total == 0)
            window.value.record(failed: true, slow: false)
        }
    }
}
