/// One claim of a scenario about how a run went.
package struct AssertionSpec: Sendable, Hashable {
    /// What the claim is for.
    package enum Role: String, Sendable, Hashable, Codable {
        /// The run is worth nothing unless this holds before anything is broken.
        case gate
        /// While it is broken.
        case during
        /// Once it is over.
        case after
    }

    package enum Check: Sendable, Hashable {
        /// A metric over a phase, or over all measured phases.
        case metric(Metric, Bound, phase: String?)
        /// A metric that comes back and stays.
        case recovers(Metric, Bound, Recovery)
        /// The states of a breaker, in order.
        case timeline(breaker: String, [TimelineStep])
        case invariant(Invariant)
    }

    package var id: String
    package var role: Role
    package var check: Check
    /// The load that a metric is taken of; nil takes all together.
    package var load: String?

    package init(id: String, role: Role, check: Check, load: String? = nil) {
        self.id = id
        self.role = role
        self.check = check
        self.load = load
    }
}
