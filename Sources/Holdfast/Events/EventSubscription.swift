import DequeModule

/// The bounded buffer between policies and one listener.
final class EventSubscription: Sendable {
    private struct State {
        var buffer: Deque<PolicyEvent> = []
        var dropped = 0
        var finished = false
        var waiting: CheckedContinuation<Void, Never>?
    }

    private let capacity: Int
    private let state = Locked(State())

    init(capacity: Int) {
        self.capacity = max(capacity, 1)
    }

    /// How many events found the buffer full and pushed out the oldest.
    var dropped: Int { state.withLock { $0.dropped } }

    func append(_ events: [PolicyEvent]) {
        state.withLock { state in
            for event in events {
                if state.buffer.count == capacity {
                    state.buffer.removeFirst()
                    state.dropped += 1
                }
                state.buffer.append(event)
            }
        }
    }

    func takeAll() -> [PolicyEvent] {
        state.withLock { state in
            // An array of an empty deque is made by a write into the empty array that all share: harmless, but a race to the sanitizer.
            guard !state.buffer.isEmpty else { return [] }
            defer { state.buffer.removeAll() }
            return Array(state.buffer)
        }
    }

    /// Resumes the listener; called with no lock held.
    func wake() {
        state.withLock { $0.waiting.take() }?.resume()
    }

    func finish() {
        state.withLock { $0.finished = true }
        wake()
    }

    /// The next event; nil once finished or when the listening task is cancelled.
    func next() async -> PolicyEvent? {
        while true {
            enum Step { case event(PolicyEvent), end, wait }
            let step: Step = state.withLock { state in
                if let event = state.buffer.popFirst() { return .event(event) }
                return state.finished ? .end : .wait
            }
            switch step {
            case .event(let event): return event
            case .end: return nil
            case .wait: break
            }
            await withTaskCancellationHandler {
                await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
                    let ready = state.withLock { state in
                        if !state.buffer.isEmpty || state.finished { return true }
                        state.waiting = continuation
                        return false
                    }
                    if ready { continuation.resume() }
                }
            } onCancel: {
                finish()
            }
        }
    }
}
