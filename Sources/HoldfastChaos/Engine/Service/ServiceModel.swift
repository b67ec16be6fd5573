/// How a service's process behaves beside its handlers: what the runner hands it on its command line.
package struct ServiceModel: Sendable, Hashable, Codable {
    /// Calls that it works on at once.
    package var workers: Int
    /// How long it works on a call.
    package var serviceTime: ServiceTime
    /// What the times are drawn from.
    package var seed: UInt64

    package init(workers: Int, serviceTime: ServiceTime, seed: UInt64) {
        self.workers = workers
        self.serviceTime = serviceTime
        self.seed = seed
    }
}
