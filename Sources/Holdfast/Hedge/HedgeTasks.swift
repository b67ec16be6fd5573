/// The child tasks of a hedged call's attempts. In the ordinary case there is one, and it needs no array.
@usableFromInline
struct HedgeTasks<Value: Sendable> {
    @usableFromInline let first: Task<Value, any Error>
    @usableFromInline var others: [Task<Value, any Error>] = []

    @inlinable
    init(_ first: Task<Value, any Error>) {
        self.first = first
    }

    @inlinable
    mutating func append(_ task: Task<Value, any Error>) {
        others.append(task)
    }

    /// Cancels every attempt but the one with that number.
    @inlinable
    func cancel(except winner: Int = 0) {
        if winner != 1 { first.cancel() }
        for index in others.indices where index + 2 != winner { others[index].cancel() }
    }

    /// Waits until every attempt has ended.
    /// - Returns: what the one with that number did.
    /// - Throws: what it threw.
    @inlinable
    func end(of winner: Int) async throws -> Value {
        if others.isEmpty { return try await first.value }
        var end = await first.result
        for index in others.indices {
            let result = await others[index].result
            if index + 2 == winner { end = result }
        }
        return try end.get()
    }
}
