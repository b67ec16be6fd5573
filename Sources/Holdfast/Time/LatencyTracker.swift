import Synchronization

/// Remembers how long things took lately, and answers which share of them was how fast.
///
/// A histogram of two halves that take turns: samples go into one for half the window, and then into the other, which forgets
/// what it held. Answers count both, so a sample matters for at least half the window and at most all of it. An answer is off
/// by at most 1.6 %. A tracker takes 8.5 KB, whatever it has seen.
///
/// ```swift
/// let latency = try LatencyTracker(window: .seconds(60))
/// latency.record(elapsed)
/// let slow = latency.quantile(0.95, minimumSamples: 100)
/// ```
public final class LatencyTracker: Sendable {
    /// How long a sample matters at most.
    public let window: Duration
    /// The clock by which samples age.
    public let timeSource: TimeSource

    /// The counts of the even half, then those of the odd one.
    ///
    /// A sample is one relaxed addition, so none is lost or counted twice. One whose half changes between the choice and the
    /// addition lands in the other half: it matters for half a window less or more, as if it had come that moment earlier or later.
    private let counts: InlineArray<2112, Atomic<UInt32>>
    private let half = Atomic(0)
    private let halfEnds: Atomic<Int64>
    private let halfLength: Int64
    /// Held while the halves change places and while they are read.
    private let turn = Locked(())

    /// Makes a tracker without samples.
    /// - Parameter window: how long a sample matters at most; 1 ms to a day, a minute by default.
    /// - Throws: ``ConfigurationError`` when it is outside that range.
    public convenience init(window: Duration = .seconds(60), timeSource: TimeSource = .system) throws(ConfigurationError) {
        try Require.within("window", window, .milliseconds(1) ... .seconds(86_400))
        self.init(checkedWindow: window, timeSource)
    }

    init(checkedWindow window: Duration, _ timeSource: TimeSource) {
        self.window = window
        self.timeSource = timeSource
        halfLength = window.nanoseconds / 2
        counts = InlineArray { _ in Atomic(0) }
        halfEnds = Atomic(timeSource.now().nanoseconds.addingSaturating(halfLength))
    }

    /// Notes how long something took that ended just now.
    public func record(_ latency: Duration) {
        record(nanoseconds: latency.nanoseconds, at: timeSource.now())
    }

    /// The latency that a share of `q` of the samples did not exceed.
    /// - Parameters:
    ///   - q: 0 for the fastest sample to 1 for the slowest; what is outside counts as the nearer end.
    ///   - minimumSamples: how many samples the answer must rest on; less than 1 counts as 1.
    /// - Returns: nil with fewer samples, or when `q` is no number.
    public func quantile(_ q: Double, minimumSamples: Int = 1) -> Duration? {
        quantile(q, minimumSamples: minimumSamples, at: timeSource.now()).map { .nanoseconds($0) }
    }

    /// How many samples matter now.
    public var samples: Int {
        let now = timeSource.now()
        return turn.withLock { _ in
            rotate(now)
            return total()
        }
    }

    /// The same as ``record(_:)`` for who has read the clock.
    package func record(nanoseconds: Int64, at now: Instant) {
        if now.nanoseconds >= halfEnds.load(ordering: .relaxed) { turn.withLock { _ in rotate(now) } }
        let start = half.load(ordering: .relaxed) * LatencyBuckets.count
        counts[start + LatencyBuckets.index(of: nanoseconds)].wrappingAdd(1, ordering: .relaxed)
    }

    /// The same as ``quantile(_:minimumSamples:)`` for who has read the clock. It reads every bucket: a microsecond or two.
    package func quantile(_ q: Double, minimumSamples: Int, at now: Instant) -> Int64? {
        guard !q.isNaN else { return nil }
        return turn.withLock { _ in
            rotate(now)
            let samples = total()
            guard samples >= max(minimumSamples, 1) else { return nil }
            var left = LatencyBuckets.rank(min(max(q, 0), 1), of: samples)
            // Counts only grow while the halves keep their places, so the rank is always reached.
            for bucket in 0..<LatencyBuckets.count {
                left -= count(bucket)
                if left <= 0 { return LatencyBuckets.middle(of: bucket) }
            }
            return nil
        }
    }

    private func total() -> Int {
        (0..<LatencyBuckets.count).reduce(0) { $0 + count($1) }
    }

    private func count(_ bucket: Int) -> Int {
        Int(counts[bucket].load(ordering: .relaxed)) + Int(counts[bucket + LatencyBuckets.count].load(ordering: .relaxed))
    }

    /// Forgets the halves whose time is over; called with the lock held.
    private func rotate(_ now: Instant) {
        let late = now.nanoseconds.subtractingSaturating(halfEnds.load(ordering: .relaxed))
        guard late >= 0 else { return }
        let next = 1 - half.load(ordering: .relaxed)
        clear(next)
        if late >= halfLength { clear(1 - next) }
        half.store(next, ordering: .relaxed)
        // What is left of the half that `now` falls into, so that halves follow one another without a gap.
        halfEnds.store(now.nanoseconds.addingSaturating(halfLength - late % halfLength), ordering: .relaxed)
    }

    private func clear(_ half: Int) {
        for bucket in half * LatencyBuckets.count..<(half + 1) * LatencyBuckets.count {
            counts[bucket].store(0, ordering: .relaxed)
        }
    }
}
