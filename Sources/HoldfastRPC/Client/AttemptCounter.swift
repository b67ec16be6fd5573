import Synchronization

/// Counts the attempts of one call that were sent to a server: those that opened a stream.
package final class AttemptCounter: Sendable {
    private let sent = Atomic(0)

    package init() {}

    /// How many so far.
    package var count: Int { sent.load(ordering: .relaxed) }

    func add() {
        sent.add(1, ordering: .relaxed)
    }
}
