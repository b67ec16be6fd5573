import Holdfast
import HoldfastPolicyFiles

/// Stops a run that exceeds its limits.
final class SafetyWatch: Sendable {
    private struct State {
        var reason: String?
        var stop: (@Sendable () -> Void)?
        /// The second that is counted, of the system's clock.
        var second: Int64 = 0
        var calls = 0
    }

    private let limits: SafetyLimits
    private let state = Locked(State())

    init(_ limits: SafetyLimits) {
        self.limits = limits
    }

    /// Why the run was stopped, in words; nil if it was not.
    var reason: String? { state.withLock { $0.reason } }

    /// Watches over `work`, which is cancelled when it takes too long or makes too many calls.
    func watch<Value: Sendable>(_ work: @escaping @Sendable () async throws -> Value) async throws -> Value {
        let task = Task { try await work() }
        state.withLock { $0.stop = { task.cancel() } }
        let timer = TimeSource.system.schedule(at: TimeSource.system.now() + limits.time) { [self] in
            breach("it took longer than \(DurationText.format(limits.time)); raise --max-time")
        }
        defer {
            timer.cancel()
            state.withLock { $0.stop = nil }
        }
        return try await withTaskCancellationHandler {
            try await task.value
        } onCancel: {
            task.cancel()
        }
    }

    /// Counts a call that begins on the system's clock.
    func countCall() {
        let second = TimeSource.system.now().nanoseconds / 1_000_000_000
        let calls = state.withLock { state in
            if state.second != second { (state.second, state.calls) = (second, 0) }
            state.calls += 1
            return state.calls
        }
        if calls == limits.callsPerSecond + 1 {
            breach("it made more than \(limits.callsPerSecond) calls in a second; raise --max-rate")
        }
    }

    private func breach(_ reason: String) {
        let stop = state.withLock { state in
            state.reason = state.reason ?? reason
            return state.stop
        }
        stop?()
    }
}
