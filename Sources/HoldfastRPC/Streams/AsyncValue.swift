import Holdfast

/// A value that is set once, from any thread, and awaited by any number of tasks. The first result wins.
final class AsyncValue<Value: Sendable>: Sendable {
    private enum State {
        case waiting([UnsafeContinuation<Value, any Error>])
        case done(Result<Value, any Error>)
    }

    private let state = Locked(State.waiting([]))

    func finish(_ result: Result<Value, any Error>) {
        let waiters = state.withLock { state -> [UnsafeContinuation<Value, any Error>] in
            guard case .waiting(let waiters) = state else { return [] }
            state = .done(result)
            return waiters
        }
        for waiter in waiters { waiter.resume(with: result) }
    }

    /// Whether there is a value, and no failure.
    var hasSucceeded: Bool {
        state.withLock { if case .done(.success) = $0 { true } else { false } }
    }

    /// Waits for the value.
    /// - Parameter onCancel: called when the task is cancelled while it waits; it should bring about a result.
    nonisolated(nonsending) func value(onCancel: @escaping @Sendable () -> Void = {}) async throws -> Value {
        try await withTaskCancellationHandler {
            try await withUnsafeThrowingContinuation { (continuation: UnsafeContinuation<Value, any Error>) in
                let ready = state.withLock { state -> Result<Value, any Error>? in
                    switch state {
                    case .done(let result): return result
                    case .waiting(let waiters):
                        state = .waiting(waiters + [continuation])
                        return nil
                    }
                }
                if let ready { continuation.resume(with: ready) }
            }
        } onCancel: {
            onCancel()
        }
    }
}
