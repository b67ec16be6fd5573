/// How much a service had to do in a stretch of time.
package struct Occupancy: Sendable, Hashable, Codable {
    /// The most workers that were busy at once.
    package var busy: Int
    /// The most calls that waited for one at once.
    package var waiting: Int

    package init(busy: Int = 0, waiting: Int = 0) {
        self.busy = busy
        self.waiting = waiting
    }

    mutating func merge(_ other: Occupancy) {
        busy = max(busy, other.busy)
        waiting = max(waiting, other.waiting)
    }
}
