import Holdfast

/// The open connections of a server: counted, so that they stay within the limit, and known, so that all can be told to end.
final class ServerConnections: Sendable {
    private struct State {
        var count = 0
        /// By their own identities, which last as long as they are kept here; a channel is gone before its last handler has returned.
        var queues: [ObjectIdentifier: SubmissionQueue<ServerCommand>] = [:]
        var isDraining = false
    }

    private let state = Locked(State())
    private let emptied = AsyncValue<Void>()
    private let limit: Int

    /// - Parameter limit: how many may be open at once.
    init(limit: Int) {
        self.limit = limit
    }

    /// Counts one more, which ``leave()`` takes back.
    /// - Returns: false, and counts nothing, when there are as many as may be.
    func enter() -> Bool {
        state.withLock { state in
            guard state.count < limit else { return false }
            state.count += 1
            return true
        }
    }

    func leave() {
        state.withLock { $0.count -= 1 }
    }

    func add(_ queue: SubmissionQueue<ServerCommand>) {
        let isLate = state.withLock { state in
            state.queues[ObjectIdentifier(queue)] = queue
            return state.isDraining
        }
        if isLate { queue.submit(.stop) }
    }

    func remove(_ queue: SubmissionQueue<ServerCommand>) {
        let isLast = state.withLock { state in
            state.queues[ObjectIdentifier(queue)] = nil
            return state.isDraining && state.queues.isEmpty
        }
        if isLast { emptied.finish(.success(())) }
    }

    /// Tells all to finish what runs.
    func drain() {
        let queues = state.withLock { state in
            state.isDraining = true
            return Array(state.queues.values)
        }
        if queues.isEmpty { emptied.finish(.success(())) }
        for queue in queues { queue.submit(.drain) }
    }

    /// Tells all to end now.
    func stop() {
        for queue in state.withLock({ Array($0.queues.values) }) { queue.submit(.stop) }
    }

    /// Waits until none is left; cancelling the task tells all to end now.
    func empty() async {
        try? await emptied.value(onCancel: { [self] in stop() })
    }
}
