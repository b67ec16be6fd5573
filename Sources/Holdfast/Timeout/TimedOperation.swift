public import Synchronization

/// Runs an operation that does not watch the clock itself, and cancels it at its deadline.
@usableFromInline
enum TimedOperation {
    /// Runs `operation` in a child and awaits its end, expired or not.
    ///
    /// `Task.immediate` and the shared timer wheel, not a task group raced against a sleep: a tenth of the cost. The child
    /// starts on the caller's thread, and an operation that never waits never leaves it.
    /// - Returns: what the operation returned or threw. A value is a value even if it came together with the expiry (S42).
    @inlinable
    nonisolated(nonsending) static func run<Value: Sendable>(
        until deadline: Instant?, _ timeSource: TimeSource, _ operation: @Sendable () async throws -> Value
    ) async -> Result<Value, any Error> {
        guard let deadline else {
            do { return .success(try await operation()) } catch { return .failure(error) }
        }
        return await withoutActuallyEscaping(operation) { operation in
            let end = OperationEnd()
            let task = Task.immediate(executorPreference: timeSource.taskExecutor) {
                defer { end.hasCome.store(true, ordering: .releasing) }
                return try await operation()
            }
            return await result(of: task, end, deadline, timeSource)
        }
    }

    /// The same for an attempt of a call: what nested pipelines are told is set in the child.
    @inlinable
    @inline(never)
    nonisolated(nonsending) static func run<Value: Sendable>(
        _ call: Call, within scope: EnclosingCall, until deadline: Instant, _ timeSource: TimeSource,
        _ operation: nonisolated(nonsending) @Sendable (Call) async throws -> Value
    ) async -> Result<Value, any Error> {
        await withoutActuallyEscaping(operation) { operation in
            let end = OperationEnd()
            let task = Task.immediate(executorPreference: timeSource.taskExecutor) {
                defer { end.hasCome.store(true, ordering: .releasing) }
                return try await Call.$enclosing.withValue(scope) { try await operation(call) }
            }
            return await result(of: task, end, deadline, timeSource)
        }
    }

    @inlinable
    @inline(__always)
    nonisolated(nonsending) static func result<Value: Sendable>(
        of task: Task<Value, any Error>, _ end: OperationEnd, _ deadline: Instant, _ timeSource: TimeSource
    ) async -> Result<Value, any Error> {
        // An operation that never waits has ended by now, and needs neither a timer nor to be told of a cancellation.
        if end.hasCome.load(ordering: .acquiring) { return await task.result }
        let timer = timeSource.schedule(at: deadline) { task.cancel() }
        let result = await withTaskCancellationHandler {
            await task.result
        } onCancel: {
            task.cancel()
        }
        timer.cancel()
        return result
    }
}

/// Whether an operation in a task of its own has ended.
@usableFromInline
final class OperationEnd: Sendable {
    @usableFromInline let hasCome = Atomic(false)

    @inlinable
    init() {}
}
