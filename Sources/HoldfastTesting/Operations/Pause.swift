import Holdfast

/// A wait of somebody who may be slow to notice a cancellation.
enum Pause {
    /// Waits until `end`, or until `grace` after the task is cancelled if that comes first.
    /// - Throws: `CancellationError` in the second case.
    static func until(_ end: Instant, _ timeSource: TimeSource, graceAfterCancellation grace: Duration) async throws {
        guard end > timeSource.now() else { return }
        guard grace > .zero else { return try await timeSource.sleep(until: end) }
        let waiter = OneShot()
        let timer = timeSource.schedule(at: end) { waiter.finish(.success(())) }
        let late = Locked<TimerHandle?>(nil)
        defer {
            timer.cancel()
            late.withLock { $0.take() }?.cancel()
        }
        try await withTaskCancellationHandler {
            try await waiter.value()
        } onCancel: {
            let timer = timeSource.schedule(at: timeSource.now() + grace) { waiter.finish(.failure(CancellationError())) }
            late.withLock { $0 = timer }
        }
    }
}
