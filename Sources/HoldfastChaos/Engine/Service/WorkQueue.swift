import DequeModule

/// Who works and who waits: so many workers, and a line in front of them. A value without a clock, the same in a service's process
/// and in its model.
struct WorkQueue<Waiter> {
    enum Arrival: Equatable {
        /// A worker was free.
        case started
        /// All are busy; the place in line, to leave it by.
        case waiting(place: Int)
        /// The line is full.
        case refused
    }

    private let workers: Int
    private let rules: QueueSpec
    private var busy = 0
    private var nextPlace = 0
    private var peaks = Occupancy()
    private var line: Deque<(place: Int, waiter: Waiter)> = []

    init(workers: Int, _ rules: QueueSpec) {
        self.workers = workers
        self.rules = rules
    }

    /// How many are worked on.
    var working: Int { busy }
    /// How many wait.
    var waiting: Int { line.count }

    /// The most that were worked on, and that waited, since this was last asked.
    mutating func takePeaks() -> Occupancy {
        defer { peaks = Occupancy(busy: busy, waiting: line.count) }
        return peaks
    }

    mutating func arrive(_ waiter: @autoclosure () -> Waiter) -> Arrival {
        if busy < workers {
            busy += 1
            peaks.busy = max(peaks.busy, busy)
            return .started
        }
        if let limit = rules.limit, line.count >= limit { return .refused }
        nextPlace += 1
        line.append((nextPlace, waiter()))
        peaks.waiting = max(peaks.waiting, line.count)
        return .waiting(place: nextPlace)
    }

    /// A worker has finished.
    /// - Returns: who takes it over; nil when nobody waits.
    mutating func finish() -> Waiter? {
        let next = rules.order == .fifo ? line.popFirst() : line.popLast()
        if next == nil { busy -= 1 }
        return next?.waiter
    }

    /// Leaves the line.
    /// - Returns: who left; nil for a place that is no longer in it.
    mutating func leave(_ place: Int) -> Waiter? {
        // Places are given out in order, so the line is sorted by them.
        var range = line.startIndex..<line.endIndex
        while !range.isEmpty {
            let middle = (range.lowerBound + range.upperBound) / 2
            if line[middle].place == place { return line.remove(at: middle).waiter }
            range = line[middle].place < place ? middle + 1..<range.upperBound : range.lowerBound..<middle
        }
        return nil
    }
}
