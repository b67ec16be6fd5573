import Holdfast
import HoldfastRPC

/// So many workers; calls that find none free wait in line.
final class WorkerPool: Sendable {
    private let queue: Locked<WorkQueue<OneShot>>

    init(workers: Int, _ rules: QueueSpec = QueueSpec()) {
        queue = Locked(WorkQueue(workers: workers, rules))
    }

    /// The most that were worked on, and that waited, since this was last asked.
    func takePeaks() -> Occupancy {
        queue.withLock { $0.takePeaks() }
    }

    /// Runs `work` once a worker is free.
    /// - Throws: RESOURCE_EXHAUSTED when the line is full.
    func run<Value: Sendable>(_ work: @Sendable () async throws -> Value) async throws -> Value {
        try await takeWorker()
        defer { giveBack() }
        return try await work()
    }

    private func takeWorker() async throws {
        let turn = OneShot()
        let place: Int
        switch queue.withLock({ $0.arrive(turn) }) {
        case .started: return
        case .refused: throw RPCError.queueFull
        case .waiting(let itsPlace): place = itsPlace
        }
        try await withTaskCancellationHandler {
            try await turn.value()
        } onCancel: {
            if let turn = queue.withLock({ $0.leave(place) }) { turn.finish(.failure(CancellationError())) }
        }
    }

    private func giveBack() {
        queue.withLock { $0.finish() }?.finish(.success(()))
    }
}

extension RPCError {
    /// What a service answers when the line in front of its workers is full.
    static let queueFull = RPCError(.resourceExhausted, "the service's queue is full")
}
