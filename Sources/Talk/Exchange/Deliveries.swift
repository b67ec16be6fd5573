import Holdfast

/// Carries out what is delivered at least once, once.
///
/// A repetition finds the id among those that were carried out; one that comes while the first is still under way waits for its end, and
/// is confirmed by it. One that failed is carried out again when it comes again.
final class Deliveries: Sendable {
    private let done: Locked<Recent<Void>>
    private let underWay = SingleFlight<String, Void>()

    /// - Parameter capacity: how many ids are remembered.
    init(capacity: Int) {
        done = Locked(Recent(capacity: capacity))
    }

    /// Carries out `work` unless that was done for the id before.
    /// - Returns: whether it was.
    func carryOut(_ id: String, _ work: @escaping @Sendable () async throws -> Void) async throws -> Bool {
        if isDone(id) { return true }
        try await underWay.run(id) { [self] in
            // Looked at once more: the flight before may have ended since.
            if isDone(id) { return }
            try await work()
            done.withLock { $0.remember((), for: id) }
        }
        return false
    }

    private func isDone(_ id: String) -> Bool {
        done.withLock { $0[id] != nil }
    }
}
