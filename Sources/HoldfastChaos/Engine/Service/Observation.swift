/// What a service tells of its work since it was last asked.
package struct Observation: Sendable, Hashable, Codable {
    package var occupancy: Occupancy
    /// The numbers of the calls of each load that a worker began to work on; one stands there as often as that happened.
    package var worked: [String: [Int]]

    package init(_ occupancy: Occupancy, worked: [String: [Int]]) {
        self.occupancy = occupancy
        self.worked = worked
    }

    mutating func merge(_ other: Observation) {
        occupancy.merge(other.occupancy)
        worked.merge(other.worked, uniquingKeysWith: +)
    }
}
