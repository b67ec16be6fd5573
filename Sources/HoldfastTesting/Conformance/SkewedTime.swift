import Holdfast
import HoldfastVirtualTime
import Synchronization

/// A world's clock that can be set back, as no clock should be and some are.
final class SkewedTime: VirtualTimeSource {
    private let world: VirtualTime
    private let skew = Atomic<Int64>(0)

    init(_ world: VirtualTime) {
        self.world = world
    }

    /// Shows a time that is off by `duration` from now on.
    func set(off duration: Duration) {
        skew.store(duration.nanoseconds, ordering: .relaxed)
    }

    func now() -> Instant {
        world.now() + .nanoseconds(skew.load(ordering: .relaxed))
    }

    func schedule(at deadline: Instant, _ action: @escaping @Sendable () -> Void) -> TimerHandle {
        world.schedule(at: deadline - .nanoseconds(skew.load(ordering: .relaxed)), action)
    }

    /// Anywhere: gates start no tasks of their own.
    var taskExecutor: (any TaskExecutor)? { nil }
}
