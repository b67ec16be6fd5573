import Holdfast
import Synchronization

/// Counts the attempts of one call that were sent to a server: those that opened a stream. Remembers where they went, so that the
/// next one goes elsewhere.
package final class AttemptCounter: Sendable {
    private let sent = Atomic(0)
    private let hedged = Atomic(0)
    private let resent = Atomic(0)
    private let started = Atomic(0)
    private let endpoints = Locked(EndpointIDs())

    package init() {}

    /// How many so far.
    package var count: Int { sent.load(ordering: .relaxed) }

    /// How many attempts hedges have started beside others.
    package var hedges: Int { hedged.load(ordering: .relaxed) }

    /// How many of them were sent once more by the transport itself, because the server had not looked at them; they are not counted
    /// again.
    package var resends: Int { resent.load(ordering: .relaxed) }

    /// How many attempts the policies began, whether or not they got as far as the wire.
    package var begun: Int { started.load(ordering: .relaxed) }

    /// Which endpoints they were given to.
    package var tried: EndpointIDs { endpoints.withLock { $0 } }

    package func begin() {
        started.add(1, ordering: .relaxed)
    }

    func addResend() {
        resent.add(1, ordering: .relaxed)
    }

    package func add() {
        sent.add(1, ordering: .relaxed)
    }

    /// Notes that a hedge has started one.
    /// - Returns: how many it has started with this one.
    func addHedge() -> Int {
        hedged.add(1, ordering: .relaxed).newValue
    }

    package func tries(_ endpoint: Int) {
        endpoints.withLock { $0.insert(endpoint) }
    }
}
