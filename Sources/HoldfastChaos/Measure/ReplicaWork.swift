/// A replica of a service.
package struct ReplicaPlace: Sendable, Hashable {
    package var service: String
    /// From 0.
    package var replica: Int

    package init(service: String, replica: Int) {
        self.service = service
        self.replica = replica
    }
}

/// What a replica had to do, as it told itself.
package struct ReplicaWork: Sendable, Hashable {
    /// On how many attempts a worker began to work, by second; seconds without one are left out.
    package private(set) var seconds: [Int: Int] = [:]
    package private(set) var occupancy = Occupancy()

    package init() {}

    /// Takes in what it told in a second, or after the last one.
    mutating func add(_ observation: Observation, second: Int) {
        let worked = observation.worked.values.reduce(0) { $0 + $1.count }
        if worked > 0 { seconds[max(second, 0), default: 0] += worked }
        occupancy.merge(observation.occupancy)
    }
}
