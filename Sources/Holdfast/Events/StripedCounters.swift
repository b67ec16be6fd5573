import Synchronization

/// The counters of a policy whose other work is a single atomic operation: each thread adds to one of four stripes, as far apart as
/// cache lines are long, so that counting does not make threads wait for one another.
package struct StripedCounters: ~Copyable, Sendable {
    /// What is counted; as in ``PolicyCounters``.
    package enum Decision: Int, Sendable {
        case admitted, rejected, succeeded, failed, ignored, cancelled, stale
    }

    private struct Stripe: ~Copyable, Sendable {
        let numbers = InlineArray<8, Atomic<Int>> { _ in Atomic(0) }
    }

    private let stripes = InlineArray<4, Stripe> { _ in Stripe() }

    package init() {}

    package func add(_ decision: Decision) {
        stripes[ThreadIndex.current & 3].numbers[decision.rawValue].wrappingAdd(1, ordering: .relaxed)
    }

    /// Counts how an admitted attempt ended.
    package func addEnd(_ outcome: Outcome) {
        switch outcome {
        case .success: add(.succeeded)
        case .failure: add(.failed)
        case .ignored: add(.ignored)
        case .cancelled: add(.cancelled)
        }
    }

    /// What was counted so far.
    package var sums: PolicyCounters {
        var counters = PolicyCounters()
        counters.admitted = sum(.admitted)
        counters.rejected = sum(.rejected)
        counters.succeeded = sum(.succeeded)
        counters.failed = sum(.failed)
        counters.ignored = sum(.ignored)
        counters.cancelled = sum(.cancelled)
        counters.stale = sum(.stale)
        return counters
    }

    private func sum(_ decision: Decision) -> Int {
        var sum = 0
        for index in stripes.indices { sum &+= stripes[index].numbers[decision.rawValue].load(ordering: .relaxed) }
        return sum
    }
}
