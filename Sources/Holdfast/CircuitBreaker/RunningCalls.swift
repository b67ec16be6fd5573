import DequeModule

/// Calls under way, in the order they started, for the rule that a call counts as slow as soon as it has run too long.
///
/// The threshold is the same for all of them, so they pass it in the order they started. A call is kept until it has passed it, and
/// from then on only where it was counted, until it ends: one that hangs keeps no other.
struct RunningCalls {
    private struct Call {
        let slowAt: Instant
        /// It ended, or its answer began.
        var isOver = false
    }

    /// Those that have not passed the threshold.
    private var pending: Deque<Call> = []
    /// From 1: a ticket with 0 is of a call that is not followed.
    private var firstNumber = 1
    /// Those counted as slow that have not ended.
    private var counted: [Int: OutcomeWindow.Position] = [:]

    /// How many are kept.
    var count: Int { pending.count + counted.count }

    /// Adds a call and gives its number.
    mutating func start(slowAt: Instant) -> Int {
        pending.append(Call(slowAt: slowAt))
        return firstNumber + pending.count - 1
    }

    /// Records every call that has run too long by `now` and was not counted yet as slow; gives how many.
    mutating func countOverdue(_ now: Instant, in window: inout OutcomeWindow) -> Int {
        let before = counted.count
        while let call = pending.first, call.slowAt < now {
            if !call.isOver { counted[firstNumber] = window.record(failed: false, slow: true) }
            removeFirst()
        }
        return counted.count - before
    }

    /// A call's answer has begun: it becomes slow no more.
    mutating func answered(_ number: Int) {
        let index = number - firstNumber
        if pending.indices.contains(index) { pending[index].isOver = true }
    }

    /// No call of those under way becomes slow before it ends any more; those counted stay where they are counted.
    mutating func stopFollowing() {
        firstNumber += pending.count
        pending.removeAll()
    }

    /// Ends a call; tells where it was counted as slow, if it was.
    mutating func end(_ number: Int) -> OutcomeWindow.Position? {
        answered(number)
        while pending.first?.isOver == true { removeFirst() }
        return counted.removeValue(forKey: number)
    }

    mutating func removeAll() {
        stopFollowing()
        counted.removeAll()
    }

    private mutating func removeFirst() {
        pending.removeFirst()
        firstNumber += 1
    }
}
