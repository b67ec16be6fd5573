import Synchronization

/// Measures how late a task comes to run: at each reading it starts one, which notes how long it waited for a thread of the pool.
///
/// A task that has not run by the next reading counts by how long it has waited so far, so a pool that is stuck shows at once. Event loops
/// that are not the pool's report their own lag.
final class LagProbe: PressureSignal {
    private static let idle = Int64.min

    private let reported = ReportedPressure()
    private let timeSource: TimeSource
    /// When the probe under way was started.
    private let startedAt = Atomic(idle)

    init(_ timeSource: TimeSource) {
        self.timeSource = timeSource
    }

    func report(_ lag: Duration) {
        reported.report(lag)
    }

    func reading(at now: Instant) -> Double? {
        let started = startedAt.load(ordering: .acquiring)
        guard started != Self.idle else {
            start(now)
            return reported.reading(at: now)
        }
        reported.report(nanoseconds: now.nanoseconds.subtractingSaturating(started))
        return reported.reading(at: now)
    }

    private func start(_ now: Instant) {
        startedAt.store(now.nanoseconds, ordering: .releasing)
        Task(executorPreference: timeSource.taskExecutor) { [weak self] in
            guard let self else { return }
            reported.report(timeSource.now() - now)
            startedAt.store(Self.idle, ordering: .releasing)
        }
    }
}
