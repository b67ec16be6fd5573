/// What a service tells of its work since it was last asked.
package struct Observation: Sendable, Hashable, Codable {
    package var occupancy: Occupancy
    /// The numbers of the calls of each load that a worker began to work on; one stands there as often as that happened.
    package var worked: [String: [Int]]
    /// What faults did to attempts, in order; empty for a model, which tells of that as it happens.
    package var decisions: [AttemptDecision]

    package init(_ occupancy: Occupancy, worked: [String: [Int]], decisions: [AttemptDecision] = []) {
        self.occupancy = occupancy
        self.worked = worked
        self.decisions = decisions
    }

    mutating func merge(_ other: Observation) {
        occupancy.merge(other.occupancy)
        worked.merge(other.worked, uniquingKeysWith: +)
        decisions += other.decisions
    }
}
