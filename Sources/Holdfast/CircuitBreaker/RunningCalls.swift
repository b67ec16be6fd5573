import DequeModule

/// Calls under way, in the order they started, for the rule that a call counts as slow as soon as it has run too long.
///
/// The threshold is the same for all of them, so they pass it in the order they started and one cursor suffices.
struct RunningCalls {
    private struct Call {
        let slowAt: Instant
        var isFollowed = true
        var ended = false
        var counted: OutcomeWindow.Position?
    }

    private var calls: Deque<Call> = []
    /// From 1: a ticket with 0 is of a call that is not followed.
    private var firstNumber = 1
    private var cursor = 0

    /// Adds a call and gives its number.
    mutating func start(slowAt: Instant) -> Int {
        calls.append(Call(slowAt: slowAt))
        return firstNumber + calls.count - 1
    }

    /// Records every call that has run too long by `now` and was not counted yet as slow; gives how many.
    mutating func countOverdue(_ now: Instant, in window: inout OutcomeWindow) -> Int {
        var counted = 0
        while cursor < calls.count, calls[cursor].slowAt < now {
            if calls[cursor].isFollowed, !calls[cursor].ended {
                calls[cursor].counted = window.record(failed: false, slow: true)
                counted += 1
            }
            cursor += 1
        }
        return counted
    }

    /// A call's answer has begun: it becomes slow no more.
    mutating func answered(_ number: Int) {
        let index = number - firstNumber
        if calls.indices.contains(index) { calls[index].isFollowed = false }
    }

    /// No call of those under way becomes slow before it ends any more; those counted stay where they are counted.
    mutating func stopFollowing() {
        for index in calls.indices { calls[index].isFollowed = false }
        cursor = calls.count
    }

    /// Ends a call; tells where it was counted as slow, if it was.
    mutating func end(_ number: Int) -> OutcomeWindow.Position? {
        let index = number - firstNumber
        guard calls.indices.contains(index) else { return nil }
        calls[index].ended = true
        let counted = calls[index].counted
        while let first = calls.first, first.ended {
            calls.removeFirst()
            firstNumber += 1
            cursor = max(cursor - 1, 0)
        }
        return counted
    }

    mutating func removeAll() {
        firstNumber += calls.count
        calls.removeAll()
        cursor = 0
    }
}
