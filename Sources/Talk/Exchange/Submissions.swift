import Holdfast
import HoldfastRPC

/// Questions that were handed in to be answered later.
///
/// A bounded line of them waits to be worked on. What came before is not worked on again: it is under way, or its answer is there.
final class Submissions: Sendable {
    private enum Progress {
        case underWay
        case done(Talk_Answer)
    }

    /// What becomes of a question.
    enum Outcome {
        case taken
        /// It came before, and is being worked on.
        case underWay
        /// It came before, and this is its answer.
        case answered(Talk_Answer)
    }

    private let progress: Locked<Recent<Progress>>
    private let line: AsyncStream<Talk_Question>
    private let input: AsyncStream<Talk_Question>.Continuation

    /// - Parameters:
    ///   - waiting: how many questions wait at most.
    ///   - ids: how many are remembered.
    init(waiting: Int, ids: Int) {
        progress = Locked(Recent(capacity: ids))
        (line, input) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(waiting))
    }

    /// Takes a question, unless it came before.
    /// - Throws: `RPCError` when too many wait; then it is as if it had not come.
    func take(_ question: Talk_Question) throws -> Outcome {
        let outcome: Outcome? = progress.withLock { progress in
            switch progress[question.key] {
            case .underWay: return .underWay
            case .done(let answer): return .answered(answer)
            case nil: break
            }
            guard case .enqueued = input.yield(question) else { return nil }
            progress.remember(.underWay, for: question.key)
            return .taken
        }
        guard let outcome else {
            throw RPCError(.resourceExhausted, "too many questions wait already", retryAfter: .milliseconds(100))
        }
        return outcome
    }

    /// Answers questions, so many at once, until no more come, and posts each answer once it is remembered.
    func work(
        _ workers: Int, _ answer: @escaping @Sendable (Talk_Question) async -> Talk_Answer, post: @escaping @Sendable (Talk_Answer) -> Void
    ) async {
        await withDiscardingTaskGroup { group in
            for _ in 0..<workers {
                group.addTask { [self] in
                    for await question in line {
                        let answer = await answer(question)
                        progress.withLock { $0.remember(.done(answer), for: question.key) }
                        post(answer)
                    }
                }
            }
        }
    }

    /// No more come.
    func close() {
        input.finish()
    }
}

extension Talk_Question {
    /// Ids are the asker's own.
    fileprivate var key: String { "\(from)/\(id)" }
}
