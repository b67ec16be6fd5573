import DequeModule
import Holdfast

/// So many workers; calls that find none free wait in line.
final class WorkerPool: Sendable {
    private struct State {
        var free: Int
        var nextID = 0
        var waiting: Deque<(id: Int, turn: OneShot)> = []
    }

    private let state: Locked<State>

    init(workers: Int) {
        state = Locked(State(free: workers))
    }

    /// Runs `work` once a worker is free, first come, first served.
    func run<Value: Sendable>(_ work: @Sendable () async throws -> Value) async throws -> Value {
        try await takeWorker()
        defer { giveBack() }
        return try await work()
    }

    private func takeWorker() async throws {
        let turn = OneShot()
        let id: Int? = state.withLock { state in
            if state.free > 0 {
                state.free -= 1
                return nil
            }
            state.nextID += 1
            state.waiting.append((state.nextID, turn))
            return state.nextID
        }
        guard let id else { return }
        try await withTaskCancellationHandler {
            try await turn.value()
        } onCancel: {
            let wasWaiting = state.withLock { state in
                let count = state.waiting.count
                state.waiting.removeAll { $0.id == id }
                return state.waiting.count < count
            }
            if wasWaiting { turn.finish(.failure(CancellationError())) }
        }
    }

    private func giveBack() {
        let next: OneShot? = state.withLock { state in
            if let next = state.waiting.popFirst() { return next.turn }
            state.free += 1
            return nil
        }
        next?.finish(.success(()))
    }
}
