/// One run of shared work, and who waits for it.
final class Flight<Value: Sendable>: Sendable {
    private struct State {
        var seats: [Int: OneShot] = [:]
        var boarded = 0
        var isAbandoned = false
        var task: Task<Void, Never>?
        var result: Result<Value, any Error>?
    }

    private let state = Locked(State())

    /// Joins it.
    /// - Returns: the waiter's number, 0 for the first; nil when the flight has landed or everybody has left.
    func board(_ seat: OneShot) -> Int? {
        state.withLock { state in
            guard !state.isAbandoned, state.result == nil else { return nil }
            defer { state.boarded += 1 }
            state.seats[state.boarded] = seat
            return state.boarded
        }
    }

    /// Notes the task that does the work, so that the last to leave can cancel it.
    func fly(_ task: Task<Void, Never>) {
        let isAbandoned = state.withLock { state in
            if state.result == nil { state.task = task }
            return state.isAbandoned
        }
        if isAbandoned { task.cancel() }
    }

    /// A waiter goes away; the last one cancels the work.
    /// - Returns: whether nobody is left.
    func leave(_ number: Int) -> Bool {
        let (isEmpty, task) = state.withLock { state -> (Bool, Task<Void, Never>?) in
            guard state.seats.removeValue(forKey: number) != nil, state.seats.isEmpty else { return (false, nil) }
            state.isAbandoned = true
            return (true, state.task.take())
        }
        task?.cancel()
        return isEmpty
    }

    /// The work has ended: everybody gets its result.
    func land(_ result: Result<Value, any Error>) {
        let seats = state.withLock { state in
            state.result = result
            state.task = nil
            defer { state.seats = [:] }
            return Array(state.seats.values)
        }
        for seat in seats { seat.finish(.success(())) }
    }

    /// What the work gave; asked after landing.
    func result() throws -> Value {
        guard let result = state.withLock({ $0.result }) else { throw CancellationError() }
        return try result.get()
    }
}
