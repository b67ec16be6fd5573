import Holdfast
import HoldfastRPC

/// An operation in Swift, called by a load.
struct CodeTarget: LoadTarget {
    let load: String
    let operation: ChaosOperation
    let services: [String: CodeService]
    /// Ends the operation at the call's deadline.
    private let frame: Pipeline

    init(load: String, _ operation: @escaping ChaosOperation, services: [String: CodeService], _ timeSource: TimeSource) {
        self.load = load
        self.operation = operation
        self.services = services
        frame = Pipeline("call", [], timeSource: timeSource)
    }

    nonisolated(nonsending) func call(_ index: Int, _ options: CallOptions) async throws -> LoadAnswer {
        let call = ChaosCall(
            load: load, index: index, deadline: options.deadline ?? .distantFuture, services: services, counter: options.attempts)
        try await frame.run(deadline: options.deadline) { [operation] _ in try await operation(call) }
        return LoadAnswer(fallbackStep: call.fallbackStep)
    }
}
