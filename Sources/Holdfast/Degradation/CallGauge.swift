import Synchronization

/// How many calls began and ended: one atomic step each, and each shedder has its own, so that many that share a controller do not
/// share a cache line.
final class CallGauge: Sendable {
    private let started = Atomic(0)
    private let ended = Atomic(0)

    /// Calls that began, ever.
    var total: Int { started.load(ordering: .sequentiallyConsistent) }

    /// Calls that ended, ever.
    var finished: Int { ended.load(ordering: .relaxed) }

    /// Calls that run now.
    var inFlight: Int {
        // Read in this order, what ends between the two counts as running, and nothing counts as less than none.
        let ended = self.ended.load(ordering: .acquiring)
        return started.load(ordering: .relaxed) - ended
    }

    /// Ordered before the controller's sleep is looked at; see ``DegradationController/wake()``.
    func enter() {
        started.wrappingAdd(1, ordering: .sequentiallyConsistent)
    }

    func leave() {
        ended.wrappingAdd(1, ordering: .releasing)
    }
}
