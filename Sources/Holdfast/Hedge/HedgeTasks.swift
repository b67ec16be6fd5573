/// The child tasks of a hedged call's attempts. In the ordinary case there is one, and it needs no array.
struct HedgeTasks<Value: Sendable> {
    private let first: Task<Value, any Error>
    private var others: [Task<Value, any Error>] = []

    init(_ first: Task<Value, any Error>) {
        self.first = first
    }

    mutating func append(_ task: Task<Value, any Error>) {
        others.append(task)
    }

    /// Cancels every attempt but the one with that number.
    func cancel(except winner: Int = 0) {
        if winner != 1 { first.cancel() }
        for (index, other) in others.enumerated() where index + 2 != winner { other.cancel() }
    }

    /// Waits until every attempt has ended.
    /// - Returns: how the one with that number did.
    func end(of winner: Int) async -> Result<Value, any Error> {
        var end = await first.result
        for (index, other) in others.enumerated() {
            let result = await other.result
            if index + 2 == winner { end = result }
        }
        return end
    }
}
