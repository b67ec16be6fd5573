import Holdfast
import HoldfastRPC

/// A service that is Swift code in this process: faults, workers and service time around what the code does itself.
final class CodeService: Replica {
    let name: String
    private let behavior: ServiceBehavior
    private let workers: WorkerPool
    private let timeSource: TimeSource
    private let isUp = Locked(false)

    init(name: String, _ behavior: ServiceBehavior, _ timeSource: TimeSource) {
        self.name = name
        self.behavior = behavior
        self.timeSource = timeSource
        workers = WorkerPool(workers: behavior.model.workers, behavior.model.queue)
    }

    // MARK: As the variant drives it

    func start() async throws { isUp.withLock { $0 = true } }
    var isRunning: Bool { isUp.withLock { $0 } }

    func install(_ plan: FaultPlan) -> Bool {
        behavior.install(plan)
        return true
    }

    func hits() -> [String: Int] { behavior.hits }
    /// Attempts are refused from now on; those under way go on, since nothing takes code away.
    func kill(_ signal: FaultKind.KillSignal) { isUp.withLock { $0 = false } }
    func observe() -> Observation? { nil }
    func freeze() -> Bool { false }
    func thaw() {}
    func limitProcessors(to cores: Double?) -> Int { 0 }
    func stop() { isUp.withLock { $0 = false } }
    func leftovers() -> [String] { [] }

    // MARK: As a call meets it

    /// Runs `body` as an attempt, under the faults in force.
    func attempt<Value: Sendable>(_ key: CallKey, _ body: @Sendable () async throws -> Value) async throws -> Value {
        guard isRunning else { throw RPCError.refused }
        let travel = behavior.travel(key)
        try await pause(travel.there)
        let decision = behavior.decide(key)
        try await pause(decision.delay)
        switch decision.effect {
        case .error(let code, let message, let moment):
            if moment == .afterWork {
                try await work(key)
                _ = try await body()
            }
            throw RPCError(code, message)
        case .hang:
            try await timeSource.sleep(until: .distantFuture)
        case .none, .answer: break
        }
        try await work(key)
        let value = try await body()
        try await pause(travel.back)
        return value
    }

    private func work(_ key: CallKey) async throws {
        try await workers.run { try await pause(behavior.workTime(key)) }
    }

    private func pause(_ time: Duration) async throws {
        if time > .zero { try await timeSource.sleep(for: time) }
    }
}
