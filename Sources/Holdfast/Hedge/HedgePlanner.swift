import Synchronization

/// Works out what calls that start now are hedged by: the fixed delay, or a quantile of the latency that it measures.
struct HedgePlanner: ~Copyable, Sendable {
    /// How long a quantile serves before it is looked up again, in nanoseconds: a lookup reads two thousand counters.
    private static let lookupInterval: Int64 = 100_000_000
    /// The same while there are too few samples for one.
    private static let retryInterval: Int64 = 1_000_000

    private let timeSource: TimeSource
    /// A ``HedgePlan`` in one word, so that calls read it whole without a lock.
    private let plan = Atomic<UInt64>(0)
    /// From when on the plan is to be made anew of the measured latency; never for a fixed delay.
    private let planEnds = Atomic(Int64.max)
    private let settings: Locked<Hedge.Configuration>
    /// Made when first needed: it is large.
    private let tracker = AtomicLazyReference<LatencyTracker>()

    init(_ configuration: Hedge.Configuration, _ latency: LatencyTracker?, _ timeSource: TimeSource) {
        self.timeSource = timeSource
        settings = Locked(configuration)
        if let latency { _ = tracker.storeIfNil(latency) }
        reconfigure(configuration)
    }

    var configuration: Hedge.Configuration { settings.withLock { $0 } }

    /// Whether latencies matter.
    var isMeasuring: Bool { planEnds.load(ordering: .relaxed) != .max }

    /// What a call that starts now is hedged by. A quantile is looked up now and then, by one call for all.
    func current(_ attempt: inout Attempt) -> HedgePlan {
        let ends = planEnds.load(ordering: .relaxed)
        if ends != .max {
            let now = attempt.now()
            if now.nanoseconds >= ends { lookUp(now, ends) }
        }
        return HedgePlan(word: plan.load(ordering: .relaxed))
    }

    /// Notes how long an attempt took that started then and ended just now.
    func record(since start: Instant) {
        let now = timeSource.now()
        tracker.load()?.record(nanoseconds: start.duration(to: now).nanoseconds, at: now)
    }

    func reconfigure(_ configuration: Hedge.Configuration) {
        settings.withLock { settings in
            settings = configuration
            switch configuration.after {
            case .fixed(let delay):
                plan.store(HedgePlan(delay: delay.nanoseconds, maxExtra: configuration.maxExtra).word, ordering: .relaxed)
                planEnds.store(.max, ordering: .relaxed)
            case .quantile:
                if tracker.load() == nil { _ = tracker.storeIfNil(LatencyTracker(checkedWindow: .seconds(60), timeSource)) }
                plan.store(HedgePlan.none.word, ordering: .relaxed)
                planEnds.store(.min, ordering: .relaxed)
            }
        }
    }

    private func lookUp(_ now: Instant, _ ends: Int64) {
        // Whoever moves the end on does the work; the others go by the plan as it is. Under the lock, so that a plan made of an
        // old configuration never replaces that of a new one.
        let soon = now.nanoseconds.addingSaturating(Self.retryInterval)
        guard planEnds.compareExchange(expected: ends, desired: soon, ordering: .relaxed).exchanged else { return }
        settings.withLock { configuration in
            guard case .quantile(let quantile, let minimumSamples) = configuration.after else { return }
            guard let delay = tracker.load()?.quantile(quantile, minimumSamples: minimumSamples, at: now) else {
                return plan.store(HedgePlan.none.word, ordering: .relaxed)
            }
            plan.store(HedgePlan(delay: delay, maxExtra: configuration.maxExtra).word, ordering: .relaxed)
            planEnds.store(now.nanoseconds.addingSaturating(Self.lookupInterval), ordering: .relaxed)
        }
    }
}
