import Synchronization

@testable import Holdfast

/// A clock that stands still until it is moved, in either direction; without timers, for what only reads the time.
final class HandClock: VirtualTimeSource {
    private let nanoseconds = Atomic(Int64(0))

    var timeSource: TimeSource { TimeSource(virtual: self) }

    func set(_ time: Int64) {
        nanoseconds.store(time, ordering: .relaxed)
    }

    func now() -> Instant { Instant(nanoseconds: nanoseconds.load(ordering: .relaxed)) }

    func schedule(at deadline: Instant, _ action: @escaping @Sendable () -> Void) -> TimerHandle {
        TimerHandle {}
    }

    var taskExecutor: (any TaskExecutor)? { nil }
}
