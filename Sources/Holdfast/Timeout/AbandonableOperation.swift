/// An operation that may be left behind: whoever waits for it is answered once, by its end, by its expiry or by its caller's leaving,
/// whichever comes first (S42), and what comes later only says that it has ended.
final class AbandonableOperation<Value: Sendable>: Sendable {
    private let answer = Locked<Result<Value, any Error>?>(nil)
    private let isAnswered = OneShot()

    /// Answers whoever waits; false if somebody else did before.
    func finish(_ result: Result<Value, any Error>) -> Bool {
        let isFirst = answer.withLock { answer in
            guard answer == nil else { return false }
            answer = result
            return true
        }
        if isFirst { isAnswered.finish(.success(())) }
        return isFirst
    }

    /// Waits for the answer.
    func value() async throws -> Value {
        try await isAnswered.value()
        guard let answer = answer.withLock({ $0 }) else { preconditionFailure("answered before it was signalled") }
        return try answer.get()
    }
}

extension Timeout {
    /// Runs `operation` in a task of its own and stops waiting for it at the expiry; it goes on, cancelled, until it ends.
    /// - Parameters:
    ///   - deadline: when a limit from further out ends the call.
    ///   - scope: what this timeout is to its pipeline.
    ///   - operation: told when it must be over.
    /// - Throws: ``TimeoutError`` on expiry; `CancellationError` when the caller went away or `deadline` passed.
    @usableFromInline
    nonisolated(nonsending) func leavingBehind<Value: Sendable>(
        deadline: Instant?, scope: TimeoutError.Scope,
        _ operation: @escaping @Sendable (Instant) async throws -> Value
    ) async throws -> Value {
        // Nobody would wait for it: what has not begun need not.
        try Task.checkCancellation()
        let nanoseconds = limitNanoseconds
        let start = timeSource.now()
        let own = start.advanced(byNanoseconds: nanoseconds)
        let end = min(own, deadline ?? .distantFuture)
        let expiry = own <= end ? TimeoutError(policy: name, scope: scope, after: .nanoseconds(nanoseconds)) : nil
        let call = AbandonableOperation<Value>()
        let task = Task.immediate(executorPreference: timeSource.taskExecutor) { [self] in
            let result: Result<Value, any Error>
            var expired: TimeoutError?
            do {
                // What is further in must know why it is cancelled: by this timeout, not by its caller (S1).
                var scope = Call.enclosing
                scope.limit = end
                result = .success(try await Call.$enclosing.withValue(scope) { try await operation(end) })
            } catch {
                // One that ends as soon as its time is over may be quicker than the timer: it saw a deadline from outside pass.
                if (error as? TimeoutError)?.scope == .deadline, end <= timeSource.now() { expired = expiry }
                result = .failure(expired ?? error)
            }
            guard call.finish(result) else { return abandonedEnded() }
            if let expired { self.expired(expired) }
            if case .success = result { succeeded(since: start) }
        }
        let timer = timeSource.schedule(at: end) { [self] in
            // Counted before anybody can see that it ended.
            abandoned()
            guard call.finish(.failure(expiry ?? CancellationError())) else { return abandonedEnded() }
            if let expiry { expired(expiry) }
            emit(.abandoned)
            task.cancel()
        }
        defer { timer.cancel() }
        return try await withTaskCancellationHandler {
            try await call.value()
        } onCancel: {
            abandoned()
            guard call.finish(.failure(CancellationError())) else { return abandonedEnded() }
            emit(.abandoned)
            task.cancel()
        }
    }
}
