import HoldfastVirtualTime
import Testing

@testable import Holdfast

@Suite("Latency tracker")
struct LatencyTrackerTests {
    @Test("Every latency is within 1/64 of the middle of its bucket, and buckets rise without a gap")
    func buckets() {
        var random = SplitMix64State(seed: 1)
        for _ in 0..<20_000 {
            let latency = Int64(random.next() >> (22 + random.next() % 40))
            let middle = LatencyBuckets.middle(of: LatencyBuckets.index(of: latency))
            if abs(middle - latency) > max(latency / 64 + 1, 16) { Issue.record("\(latency) is counted as \(middle)") }
        }
        for bucket in 0..<LatencyBuckets.count where LatencyBuckets.index(of: LatencyBuckets.middle(of: bucket)) != bucket {
            Issue.record("bucket \(bucket) is not where its middle falls")
        }
        #expect(LatencyBuckets.index(of: -5) == 0)
        #expect(LatencyBuckets.index(of: .max) == LatencyBuckets.count - 1)
    }

    @Test("A quantile is the nearest rank of the samples", arguments: 0..<50)
    func quantiles(seed: UInt64) throws {
        let world = VirtualTime()
        let tracker = try LatencyTracker(timeSource: world.timeSource)
        var random = SplitMix64State(seed: seed)
        let samples = (0..<Int(random.next() % 200 + 1)).map { _ in Int64(random.next() >> (25 + random.next() % 30)) }
        for sample in samples { tracker.record(.nanoseconds(sample)) }
        #expect(tracker.samples == samples.count)
        for q in [0, 0.001, 0.5, 0.9, 0.95, 0.99, 1] {
            let right = samples.sorted()[max(Int((q * Double(samples.count)).rounded(.up)), 1) - 1]
            let answer = try #require(tracker.quantile(q)).nanoseconds
            #expect(abs(answer - right) <= max(right / 64 + 1, 16), "seed \(seed), quantile \(q)")
        }
    }

    @Test("Too few samples give no answer, and neither does a quantile that is no number")
    func tooFew() throws {
        let tracker = try LatencyTracker(timeSource: VirtualTime().timeSource)
        #expect(tracker.quantile(0.5) == nil)
        for _ in 0..<9 { tracker.record(.milliseconds(1)) }
        #expect(tracker.quantile(0.5, minimumSamples: 10) == nil)
        tracker.record(.milliseconds(1))
        #expect(tracker.quantile(0.5, minimumSamples: 10) != nil)
        #expect(tracker.quantile(.nan) == nil)
        #expect(tracker.quantile(-.infinity) == tracker.quantile(0))
        #expect(tracker.quantile(7) == tracker.quantile(1))
    }

    @Test("A sample matters for at least half the window and at most all of it", arguments: 0..<200)
    func window(seed: UInt64) throws {
        let world = VirtualTime()
        let tracker = try LatencyTracker(window: .milliseconds(1000), timeSource: world.timeSource)
        var random = SplitMix64State(seed: seed)
        var taken: [Instant] = []
        for _ in 0..<60 {
            world.advance(by: .milliseconds(Int64(random.next() % (seed % 2 == 0 ? 100 : 700))))
            let now = world.now()
            if random.next() % 3 > 0 {
                tracker.record(.milliseconds(1))
                taken.append(now)
            }
            let fewest = taken.count { $0.duration(to: now) < .milliseconds(500) }
            let most = taken.count { $0.duration(to: now) < .milliseconds(1000) }
            let samples = tracker.samples
            if samples < fewest || samples > most { Issue.record("seed \(seed): \(samples) samples, not \(fewest)...\(most)") }
        }
    }

    @Test("A window of no length or without end is refused", arguments: [Duration.zero, .seconds(-1), .nanoseconds(1), .seconds(86_401)])
    func configuration(window: Duration) {
        #expect { try LatencyTracker(window: window) } throws: { ($0 as? ConfigurationError)?.field == "window" }
    }

    @Test("Samples of many tasks are all counted")
    func concurrency() async throws {
        let tracker = try LatencyTracker(timeSource: VirtualTime().timeSource)
        await withTaskGroup { group in
            for task in 0..<8 {
                group.addTask {
                    for sample in 0..<1000 { tracker.record(.microseconds(task * 1000 + sample)) }
                }
            }
        }
        #expect(tracker.samples == 8000)
    }
}
