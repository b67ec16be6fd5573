import Foundation
import Holdfast

/// A clock that a test moves, for tasks that run where all tasks run and wait for real files and signals.
final class ManualTime: VirtualTimeSource {
    private struct State {
        var now = Instant(nanoseconds: 0)
        var lastID = 0
        var timers: [Int: (deadline: Instant, action: @Sendable () -> Void)] = [:]
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Locked(State())

    var timeSource: TimeSource { TimeSource(virtual: self) }
    var taskExecutor: (any TaskExecutor)? { nil }

    /// How many timers are set.
    var timers: Int { state.withLock { $0.timers.count } }

    func now() -> Instant { state.withLock { $0.now } }

    func schedule(at deadline: Instant, _ action: @escaping @Sendable () -> Void) -> TimerHandle {
        let (id, waiting) = state.withLock { state in
            state.lastID += 1
            state.timers[state.lastID] = (deadline, action)
            defer { state.waiting.removeAll() }
            return (state.lastID, state.waiting)
        }
        for continuation in waiting { continuation.resume() }
        return TimerHandle { [self] in state.withLock { _ = $0.timers.removeValue(forKey: id) } }
    }

    /// Waits until a timer is set: whoever sets it has done all before.
    func timer() async {
        await withCheckedContinuation { continuation in
            let isSet = state.withLock { state in
                if state.timers.isEmpty { state.waiting.append(continuation) }
                return !state.timers.isEmpty
            }
            if isSet { continuation.resume() }
        }
    }

    /// Moves the clock and calls what is due.
    func advance(by duration: Duration) {
        let due = state.withLock { state in
            state.now = state.now.advanced(by: duration)
            let due = state.timers.filter { $0.value.deadline <= state.now }
            for id in due.keys { state.timers[id] = nil }
            return due.sorted { $0.key < $1.key }.map(\.value.action)
        }
        for action in due { action() }
    }
}
