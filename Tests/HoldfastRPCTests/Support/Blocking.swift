import Dispatch

/// Runs blocking work on a thread of its own: on the few threads that tasks share it would stop the handlers it waits for.
func blocking<Result: Sendable>(_ work: @escaping @Sendable () throws -> Result) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
        DispatchQueue(label: "blocking").async {
            continuation.resume(with: Swift.Result { try work() })
        }
    }
}
