import DequeModule
import Holdfast

/// Answers on their way to those who asked, whether they listen just now or not.
final class AnswerBoard: Sendable {
    private struct State {
        var readers: [String: (number: Int, mailbox: Mailbox<Talk_Answer>)] = [:]
        /// What came while nobody listened.
        var waiting: Recent<Deque<Talk_Answer>>
        var next = 0
        var isClosed = false
    }

    private let capacity: Int
    private let state: Locked<State>

    /// - Parameter capacity: how many answers wait for one who asked, and for how many of them; older ones go first.
    init(capacity: Int) {
        self.capacity = capacity
        state = Locked(State(waiting: Recent(capacity: capacity)))
    }

    /// Sends an answer on its way; never waits.
    func post(_ answer: Talk_Answer) {
        state.withLock { state in
            if let reader = state.readers[answer.to] { return reader.mailbox.put(answer) }
            var waiting = state.waiting[answer.to] ?? []
            if waiting.count == capacity { waiting.removeFirst() }
            waiting.append(answer)
            state.waiting.remember(waiting, for: answer.to)
        }
    }

    /// Gives `body` the answers to somebody, until it throws or the task is cancelled. Who listens last gets them.
    func listen(
        as asker: String, isReady: () async throws -> Void, _ body: (Talk_Answer) async throws -> Void
    ) async throws {
        let mailbox = Mailbox<Talk_Answer>(capacity: capacity)
        let number = state.withLock { state in
            if state.isClosed { mailbox.close() }
            state.readers[asker]?.mailbox.close()
            state.next += 1
            state.readers[asker] = (state.next, mailbox)
            for answer in state.waiting[asker] ?? [] { mailbox.put(answer) }
            state.waiting.remember([], for: asker)
            return state.next
        }
        defer {
            state.withLock { state in
                if state.readers[asker]?.number == number { state.readers[asker] = nil }
            }
        }
        try await isReady()
        try await mailbox.read(body)
    }

    func close() {
        state.withLock { state in
            state.isClosed = true
            for reader in state.readers.values { reader.mailbox.close() }
        }
    }
}
