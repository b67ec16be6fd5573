/// Lets concurrent calls for the same thing share one run of the work.
///
/// The first caller for a key starts the work; callers that come while it is under way wait for the same result. A caller that
/// goes away leaves the others their flight; when the last one has left, the work is cancelled. A result is shared by those
/// who waited for it and kept for nobody: the next caller starts anew.
///
/// ```swift
/// let flights = SingleFlight<String, Profile>()
/// let profile = try await flights.run(user) { try await load(user) }
/// ```
public final class SingleFlight<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    /// The clock to whose world the work belongs.
    public let timeSource: TimeSource

    private let flights = Locked<[Key: Flight<Value>]>([:])

    /// Makes one without flights.
    public init(timeSource: TimeSource = .system) {
        self.timeSource = timeSource
    }

    /// How many flights are under way.
    public var count: Int { flights.withLock { $0.count } }

    /// Joins the flight for `key`, or starts it with `operation`.
    ///
    /// The work belongs to no caller: it sees the first one's task-local values, but neither a caller's cancellation nor the
    /// deadline in ``Call/enclosing``.
    /// - Throws: what the flight's operation throws; `CancellationError` when this caller went away.
    public func run(_ key: Key, _ operation: @escaping @Sendable () async throws -> Value) async throws -> Value {
        try Task.checkCancellation()
        let seat = OneShot()
        let (flight, number) = flights.withLock { flights in
            // One that is full of people who left is on its way to being cancelled.
            if let flight = flights[key], let number = flight.board(seat) { return (flight, number) }
            let flight = Flight<Value>()
            flights[key] = flight
            return (flight, flight.board(seat) ?? 0)
        }
        if number == 0 { flight.fly(takeOff(key, flight, operation)) }
        return try await withTaskCancellationHandler {
            try await seat.value()
            return try flight.result()
        } onCancel: {
            if flight.leave(number) { forget(key, flight) }
            seat.finish(.failure(CancellationError()))
        }
    }

    private func takeOff(
        _ key: Key, _ flight: Flight<Value>, _ operation: @escaping @Sendable () async throws -> Value
    ) -> Task<Void, Never> {
        Call.$enclosing.withValue(EnclosingCall()) {
            Task.immediate(executorPreference: timeSource.taskExecutor) { [self] in
                let result: Result<Value, any Error>
                do { result = .success(try await operation()) } catch { result = .failure(error) }
                // Forgotten first: who comes now starts anew, and does not get a result that is old already.
                forget(key, flight)
                flight.land(result)
            }
        }
    }

    private func forget(_ key: Key, _ flight: Flight<Value>) {
        flights.withLock { flights in
            if flights[key] === flight { flights[key] = nil }
        }
    }
}
