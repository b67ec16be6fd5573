/// What was measured of one case, in nanoseconds per call.
struct CoreResult {
    let item: CoreCase
    /// How many calls fill a round.
    let count: Int
    /// Of one task.
    var alone = Rounds()
    /// Of each of two tasks; without the rounds in which they did not run together.
    var shared = Rounds()
    /// Of many tasks; empty unless the case is measured so.
    var crowded = Rounds()
    /// How often a call asks for memory; nil where that cannot be counted.
    var allocations: Double?

    init(_ item: CoreCase, count: Int) {
        self.item = item
        self.count = count
    }
}
