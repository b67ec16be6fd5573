/// A result that is set once, from any thread, and awaited by one task. The first result wins.
package final class OneShot: Sendable {
    private enum State {
        case empty
        case waiting(UnsafeContinuation<Void, any Error>)
        case done(Result<Void, any Error>)
    }

    private let state = Locked(State.empty)

    package init() {}

    /// Sets the result; only the first call counts.
    package func finish(_ result: Result<Void, any Error>) {
        let waiting: UnsafeContinuation<Void, any Error>? = state.withLock { state in
            switch state {
            case .empty:
                state = .done(result)
                return nil
            case .waiting(let continuation):
                state = .done(result)
                return continuation
            case .done:
                return nil
            }
        }
        waiting?.resume(with: result)
    }

    /// Waits for the result. One task may wait.
    package func value() async throws {
        try await withUnsafeThrowingContinuation { (continuation: UnsafeContinuation<Void, any Error>) in
            let ready: Result<Void, any Error>? = state.withLock { state in
                if case .done(let result) = state { return result }
                state = .waiting(continuation)
                return nil
            }
            if let ready { continuation.resume(with: ready) }
        }
    }
}
