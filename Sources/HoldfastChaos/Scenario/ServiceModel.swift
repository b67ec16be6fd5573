/// How a service behaves beside its handlers: what the runner hands a service's process on its command line, and what a service in
/// virtual time consists of.
package struct ServiceModel: Sendable, Hashable, Codable {
    /// What becomes of a call whose caller has gone, because its deadline passed or it was cancelled.
    package enum Abandoned: String, Sendable, Hashable, Codable, CaseIterable {
        /// It leaves the line, or its worker stops.
        case dropped
        /// It is worked on all the same, for nobody: a service that does not look whether anybody still waits.
        case served
    }

    /// Calls that it works on at once.
    package var workers: Int
    /// How long it works on a call.
    package var serviceTime: ServiceTime
    /// Those that wait for a worker.
    package var queue: QueueSpec
    package var abandoned: Abandoned
    /// How long a request takes to the service, and an answer back from it, each drawn by itself.
    package var network: ServiceTime

    package init(
        workers: Int = 16, serviceTime: ServiceTime = .constant(.zero), queue: QueueSpec = QueueSpec(), abandoned: Abandoned = .dropped,
        network: ServiceTime = .constant(.zero)
    ) {
        self.workers = workers
        self.serviceTime = serviceTime
        self.queue = queue
        self.abandoned = abandoned
        self.network = network
    }
}
