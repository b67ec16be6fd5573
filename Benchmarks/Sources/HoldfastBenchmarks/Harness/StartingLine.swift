import Synchronization

/// Lets tasks begin together: one that is done before the other begins was not disturbed by it.
final class StartingLine: Sendable {
    private let missing: Atomic<Int>
    /// How often a task looks for the others before it gives way, lest it keep them from coming.
    private static let patience = 100_000

    init(_ count: Int) {
        missing = Atomic(count)
    }

    /// Waits for the others, in a loop: a task that sleeps needs longer to wake up than is measured.
    func meet() async {
        missing.wrappingSubtract(1, ordering: .acquiringAndReleasing)
        while true {
            for _ in 0..<Self.patience where missing.load(ordering: .acquiring) <= 0 { return }
            await Task.yield()
        }
    }
}
