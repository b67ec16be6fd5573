/// What was measured of one case, in nanoseconds per call.
struct CoreResult {
    let item: CoreCase
    /// How many calls fill a round.
    let counts: (alone: Int, shared: Int)
    /// Of one task.
    var alone = Rounds()
    /// Of each of two tasks.
    var shared = Rounds()
    /// Of many tasks; empty unless the case is measured so.
    var crowded = Rounds()
    /// How often a call asks for memory; nil where that cannot be counted.
    var allocations: Double?

    init(_ item: CoreCase, alone: Int, shared: Int) {
        self.item = item
        counts = (alone, shared)
    }
}
