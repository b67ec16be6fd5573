import Synchronization

/// What queues and event loops report from anywhere: the longest time since the last reading, none when nobody reported.
final class ReportedPressure: PressureSignal {
    private let longest = Atomic<Int64>(0)

    func report(_ time: Duration) {
        report(nanoseconds: time.nanoseconds)
    }

    func report(nanoseconds: Int64) {
        longest.max(nanoseconds, ordering: .relaxed)
    }

    func reading(at now: Instant) -> Double? {
        Double(longest.exchange(0, ordering: .relaxed)) / 1e9
    }
}
