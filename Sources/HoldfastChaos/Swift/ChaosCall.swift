public import Holdfast
import HoldfastRPC

/// One call of a load that Swift code makes.
public final class ChaosCall: Sendable {
    private struct State {
        var attempts: [String: Int] = [:]
        var fallbackStep: String?
    }

    /// The load's name in the scenario.
    public let load: String
    /// The number of the call in its load, from 0.
    public let index: Int
    /// When its caller stops waiting, on the run's clock. The call is then cancelled.
    public let deadline: Instant
    private let services: [String: CodeService]
    private let counter: AttemptCounter?
    private let state = Locked(State())

    init(load: String, index: Int, deadline: Instant, services: [String: CodeService], counter: AttemptCounter?) {
        self.load = load
        self.index = index
        self.deadline = deadline
        self.services = services
        self.counter = counter
    }

    /// Makes an attempt at a service of the scenario: its faults hit what stands in here.
    /// - Parameters:
    ///   - service: its name in the scenario, of which it is of the kind `code`.
    ///   - body: what reaches the service; it is run at most once.
    /// - Throws: the status that a fault answers with, as `RPCError`; UNAVAILABLE while the service is killed; RESOURCE_EXHAUSTED when its
    ///   queue is full; `CancellationError`; what `body` throws.
    public func attempt<Value: Sendable>(of service: String, _ body: @Sendable () async throws -> Value) async throws -> Value {
        guard let target = services[service] else {
            let names = services.keys.sorted().map { "\"\($0)\"" }.joined(separator: ", ")
            throw RPCError(code: .invalidArgument, message: "the scenario has no service \"\(service)\"; it has \(names)", origin: .local)
        }
        let number = state.withLock { state in
            state.attempts[service, default: 0] += 1
            return state.attempts[service]!
        }
        // What is refused was not sent.
        if target.isRunning { counter?.add() }
        return try await target.attempt(CallKey(load: load, index: index, attempt: number), body)
    }

    /// Says that a fallback gave the answer, and not the main path.
    /// - Parameter step: what the report calls it, such as `lastGood`.
    public func answeredByFallback(_ step: String) {
        state.withLock { $0.fallbackStep = step }
    }

    var fallbackStep: String? { state.withLock { $0.fallbackStep } }
}
