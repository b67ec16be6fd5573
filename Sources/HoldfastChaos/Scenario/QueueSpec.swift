/// The line in front of a service's workers.
package struct QueueSpec: Sendable, Hashable, Codable {
    package enum Order: String, Sendable, Hashable, Codable, CaseIterable {
        /// First come, first served.
        case fifo
        /// Who came last is served first: its caller has waited least, and is the likeliest to be still there.
        case lifo
    }

    /// The most that wait; who comes then is refused with RESOURCE_EXHAUSTED. Nil for no limit.
    package var limit: Int?
    package var order: Order

    package init(limit: Int? = nil, order: Order = .fifo) {
        self.limit = limit
        self.order = order
    }
}
