import Holdfast

/// Those who listen to a registry, each with a bounded buffer of its own.
final class RegistryListeners: Sendable {
    private struct State {
        var lastID = 0
        var continuations: [Int: AsyncStream<PolicyRegistry.Event>.Continuation] = [:]
    }

    private let state = Locked(State())

    deinit {
        for continuation in state.withLock({ $0.continuations }).values { continuation.finish() }
    }

    func listen(_ capacity: Int) -> AsyncStream<PolicyRegistry.Event> {
        let (stream, continuation) = AsyncStream<PolicyRegistry.Event>.makeStream(bufferingPolicy: .bufferingNewest(max(capacity, 1)))
        let id = state.withLock { state in
            state.lastID += 1
            state.continuations[state.lastID] = continuation
            return state.lastID
        }
        continuation.onTermination = { [weak self] _ in
            self?.state.withLock { _ = $0.continuations.removeValue(forKey: id) }
        }
        return stream
    }

    func tell(_ event: PolicyRegistry.Event) {
        for (_, continuation) in state.withLock({ $0.continuations }).sorted(by: { $0.key < $1.key }) { continuation.yield(event) }
    }
}
