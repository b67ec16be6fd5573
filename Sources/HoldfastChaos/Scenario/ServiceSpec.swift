/// A service of the run, started as a process of its own.
package struct ServiceSpec: Sendable, Hashable {
    package var name: String
    package var kind: ServiceKind
    /// How many calls it works on at once; the others wait in its queue.
    package var workers: Int
    package var serviceTime: ServiceTime

    package init(name: String, kind: ServiceKind, workers: Int = 16, serviceTime: ServiceTime = .constant(.zero)) {
        self.name = name
        self.kind = kind
        self.workers = workers
        self.serviceTime = serviceTime
    }
}
