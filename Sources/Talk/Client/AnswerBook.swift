import Holdfast

/// Answers that came, by what they answer, and those who wait for them.
package final class AnswerBook: Sendable {
    private struct State {
        var answers = Recent<[Talk_Answer]>(capacity: 1_000)
        var waiting: [String: (count: Int, shot: AsyncStream<Void>.Continuation)] = [:]
        var isListening = false
        var onListening: AsyncStream<Void>.Continuation?
    }

    private let state = Locked(State())

    /// Waits until `count` answers to an id are there, but no longer than that.
    ///
    /// An answer that comes twice, because the question was handed in twice, counts once.
    /// - Returns: those that are there, in the order in which they came: fewer, when the time was up.
    package func answers(to id: String, count: Int = 1, within limit: Duration) async throws -> [Talk_Answer] {
        let (stream, continuation) = AsyncStream<Void>.makeStream()
        let isComplete = state.withLock { state in
            state.waiting[id] = (count, continuation)
            return (state.answers[id]?.count ?? 0) >= count
        }
        let timer = TimeSource.system.schedule(at: TimeSource.system.now().advanced(by: limit)) { continuation.finish() }
        if isComplete { continuation.finish() }
        for await _ in stream {}
        timer.cancel()
        let answers = state.withLock { state in
            state.waiting[id] = nil
            defer { state.answers.remember([], for: id) }
            return state.answers[id] ?? []
        }
        try Task.checkCancellation()
        return answers
    }

    /// Enters an answer; one without an id says that somebody listens.
    func enter(_ answer: Talk_Answer) {
        state.withLock { state -> AsyncStream<Void>.Continuation? in
            guard !answer.id.isEmpty else {
                state.isListening = true
                return state.onListening
            }
            var answers = state.answers[answer.id] ?? []
            guard !answers.contains(where: { $0.from == answer.from }) else { return nil }
            answers.append(answer)
            state.answers.remember(answers, for: answer.id)
            guard let waiting = state.waiting[answer.id], answers.count >= waiting.count else { return nil }
            return waiting.shot
        }?.finish()
    }

    /// Waits until somebody listens, so that no answer is missed.
    func listening() async throws {
        let (stream, continuation) = AsyncStream<Void>.makeStream()
        let isListening = state.withLock { state in
            state.onListening = continuation
            return state.isListening
        }
        if isListening { continuation.finish() }
        for await _ in stream {}
        try Task.checkCancellation()
    }
}
