import Holdfast

/// A stream that is asked for once more while it is slow: what is written goes to all attempts, and one of them becomes the stream.
///
/// That is the first whose first message comes (S8, S65), or whose headers come if the reader asks for those, or the oldest when more
/// is written than is kept for attempts to come. It is told to the hedge before the attempt has ended, so that the others are
/// cancelled at once. Each attempt has a task that reads, and one that writes at the pace of its own server: a stalled one holds
/// neither the writer nor the other attempts back. Once an attempt is taken and has sent what was kept, writers write to it directly.
final class HedgedStream: ClientStream {
    /// One attempt, which has passed its policies.
    final class Contender: Sendable {
        let attempt: HedgeAttempt
        let stream: any ClientStream
        let observer: StreamObserver

        init(_ attempt: HedgeAttempt, _ stream: any ClientStream, _ observer: StreamObserver) {
            self.attempt = attempt
            self.stream = stream
            self.observer = observer
        }
    }

    typealias Open = @Sendable (HedgeAttempt) async throws -> Contender

    private let observer: StreamObserver
    private let bufferLength: Int
    private let messageLimit: Int
    private let open: Open
    private let state: Locked<HedgedStreamState>
    private let taken = AsyncValue<Contender>()
    private let answered = AsyncValue<Contender>()
    private let handedOver = AsyncValue<Contender>()

    init(
        _ observer: StreamObserver, messages: [StreamMessage], isComplete: Bool, bufferLength: Int, messageLimit: Int,
        open: @escaping Open
    ) {
        self.observer = observer
        self.bufferLength = bufferLength
        self.messageLimit = messageLimit
        self.open = open
        state = Locked(HedgedStreamState(messages: messages, isComplete: isComplete))
    }

    /// Begins the attempts.
    func race(_ hedge: Hedge, _ attempt: Attempt, isAccounted: Bool, scope: EnclosingCall) {
        let task = Task.immediate(executorPreference: hedge.timeSource.taskExecutor) {
            await Call.$enclosing.withValue(scope) {
                do {
                    try await hedge.run(attempt, isAccounted: isAccounted) { try await self.compete($0) }
                } catch {
                    self.failed(error)
                }
            }
        }
        state.withLock { $0.race = task }
        observer.hedges(by: task)
    }

    // MARK: The attempts

    private func compete(_ attempt: HedgeAttempt) async throws {
        let contender = try await open(attempt)
        if state.withLock({ $0.enter(contender) }) { take(contender) }
        async let pumping: Void = pump(contender)
        do {
            try await withTaskCancellationHandler {
                _ = try await contender.stream.metadata()
                if state.withLock({ $0.receivedHead(contender) }) { take(contender) }
                let first = try await contender.stream.next()
                guard take(contender) else { throw CancellationError() }
                state.withLock { $0.first = .some(first) }
                answered.finish(.success(contender))
            } onCancel: {
                contender.stream.cancel()
            }
        } catch {
            contender.stream.cancel()
            contender.observer.stopWatching()
            state.withLock { $0.leave(contender) }.finish(.success(()))
            await pumping
            await contender.observer.attemptsEnded()
            throw contender.observer.ended(with: error)
        }
        await pumping
    }

    /// Makes `contender` the stream, unless another attempt is or the call has ended.
    @discardableResult
    private func take(_ contender: Contender) -> Bool {
        guard contender.attempt.claim() else { return false }
        let (news, isCancelled) = state.withLock { [observer] state in
            let result = state.take(contender)
            // Before anybody can find that it is taken, read to the end, and leave.
            if result.news != nil { observer.took(contender.observer) }
            return result
        }
        guard let news else { return true }
        taken.finish(.success(contender))
        news.finish(.success(()))
        if isCancelled { contender.stream.cancel() }
        return true
    }

    /// Sends what is written to one attempt.
    private func pump(_ contender: Contender) async {
        var sent = 0
        var isFinished = false
        while true {
            switch state.withLock({ $0.step(of: contender, sent: sent, isFinished: isFinished) }) {
            case .send(let message):
                sent += 1
                do {
                    try await contender.stream.send(message)
                } catch {
                    // Why it takes no more, its reader hears.
                    sent = .max
                }
            case .wait(let news):
                try? await news.value()
            case .finish:
                isFinished = true
                contender.stream.finishSending()
            case .handOver(let finish):
                if finish { contender.stream.finishSending() }
                return handedOver.finish(.success(contender))
            case .stop:
                return
            }
        }
    }

    /// No attempt has answered, and none will.
    private func failed(_ error: any Error) {
        let news = state.withLock { $0.fail(error) }
        taken.finish(.failure(error))
        answered.finish(.failure(error))
        handedOver.finish(.failure(error))
        news.finish(.success(()))
    }

    // MARK: The caller

    nonisolated(nonsending) func send(_ message: StreamMessage) async throws {
        try MessageLimit.check(message.bytes, limit: messageLimit)
        switch try state.withLock({ [bufferLength] state in try state.write(message, bufferLength: bufferLength) }) {
        case .kept(let news):
            news.finish(.success(()))
        case .overflown(let news, let oldest):
            news.finish(.success(()))
            if let oldest { take(oldest) }
            // It is the last that is kept: there is room for another when it has been sent.
            _ = try await handedOver.value(onCancel: cancel)
        case .wait:
            try await handedOver.value(onCancel: cancel).stream.send(message)
        }
    }

    func finishSending() {
        let (news, stream) = state.withLock { $0.finish() }
        news.finish(.success(()))
        stream?.finishSending()
    }

    nonisolated(nonsending) func next() async throws -> [UInt8]? {
        let contender = try await answered.value(onCancel: cancel)
        if let first = state.withLock({ $0.first.take() }) { return first }
        return try await contender.stream.next()
    }

    nonisolated(nonsending) func metadata() async throws -> Metadata {
        if let first = state.withLock({ $0.askForMetadata() }) { take(first) }
        return try await taken.value(onCancel: cancel).stream.metadata()
    }

    var hasFailed: Bool { state.withLock { $0.end != nil } || stream?.hasFailed == true }

    var failedUnanswered: Bool { state.withLock { $0.end != nil && !$0.hasSeenHead } }

    var trailingMetadata: Metadata { stream?.trailingMetadata ?? [:] }

    func reject(_ error: any Error) {
        stream?.reject(error)
    }

    func cancel() {
        let (race, stream) = state.withLock { $0.cancel() }
        race?.cancel()
        stream?.cancel()
    }

    private var stream: (any ClientStream)? { state.withLock { $0.taken }?.stream }
}
