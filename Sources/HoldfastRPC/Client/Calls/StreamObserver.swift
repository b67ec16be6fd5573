import Holdfast

/// What a stream's policies must know before its end.
///
/// A stream that is hedged has one for what stands around the hedge, and one for each attempt; that of the attempt which was taken
/// is told of the end through the outer one.
final class StreamObserver: Sendable {
    private struct State: ~Copyable {
        /// Nil while another attempt is being arranged.
        var frame: PipelineFrame?
        var isAnswered = false
        /// What the stream itself ended with, if that was no OK.
        var failure: (any Error)?
        /// Whether the policies have been told how the call ended.
        var isSettled = false
        /// What runs the attempts of a hedge.
        var hedging: Task<Void, Never>?
        /// Of the hedge's attempt that was taken.
        var inner: StreamObserver?
    }

    /// What pipelines inside of the stream's body are told.
    let bodyScope: EnclosingCall
    private let pipeline: Pipeline
    private let state: Locked<State>
    private let watches = Locked<[IdleWatch]>([])

    init(_ frame: consuming PipelineFrame, _ pipeline: Pipeline) {
        self.pipeline = pipeline
        bodyScope = frame.bodyScope()
        state = Locked(State(frame: frame))
    }

    /// The attempts of a hedge inside are made by that task.
    func hedges(by task: Task<Void, Never>) {
        state.withLock { $0.hedging = task }
    }

    /// That attempt of the hedge inside is the stream from now on.
    func took(_ inner: StreamObserver) {
        state.withLock { $0.inner = inner }
    }

    /// Waits for the ends of the attempts that a hedge has cancelled.
    nonisolated(nonsending) func attemptsEnded() async {
        guard let hedging = state.withLock({ $0.hedging }) else { return }
        await hedging.value
        await inner?.attemptsEnded()
    }

    private var inner: StreamObserver? { state.withLock { $0.inner } }

    private var failure: (any Error)? { state.withLock { $0.failure } }

    /// Ends the stream when it is silent for too long, if a timeout says how long that is (S43).
    func watchIdle(_ end: @escaping @Sendable () -> Void) {
        for case .timeout(let timeout) in pipeline.stages {
            if let watch = IdleWatch(timeout, onExpiry: end) { watches.withLock { $0.append(watch) } }
        }
    }

    /// The stream has ended, and may be silent from now on.
    func stopWatching() {
        for watch in watches.withLock({ $0 }) { watch.stop() }
        inner?.stopWatching()
    }

    /// A message has come or gone.
    func noteActivity() {
        for watch in watches.withLock({ $0 }) { watch.noteActivity() }
    }

    /// The stream's first message has come, or a later one.
    func answered() {
        noteActivity()
        state.withLock { state in
            guard !state.isAnswered else { return }
            state.isAnswered = true
            state.frame?.commit()
            state.frame?.answered(pipeline)
        }
    }

    /// No further attempt is made from now on.
    func commit() {
        state.withLock { $0.frame?.commit() }
    }

    /// An attempt that nothing was given from has failed: has the policies decide whether there is another one, and waits for it.
    /// - Returns: what the next attempt is told, or the error that the call ends with.
    nonisolated(nonsending) func attempt(after error: any Error) async -> Result<StreamAttempt, any Error> {
        guard var frame = state.withLock({ $0.frame.take() }) else { return .failure(error) }
        let silence = silence
        // The idle timeout is over the whole stream, and has expired.
        if silence != nil { frame.commit() }
        var step = frame.fail(silence ?? error, pipeline)
        while true {
            switch step {
            case .run:
                noteActivity()
                return giveBack(frame)
            case .answer: step = frame.leaveAlone(pipeline)
            case .proceed: step = await frame.proceed(pipeline)
            case .stop(let end):
                state.withLock { $0.isSettled = true }
                return .failure(end)
            }
        }
    }

    private func giveBack(_ frame: consuming PipelineFrame) -> Result<StreamAttempt, any Error> {
        let attempt = StreamAttempt(frame, pipeline)
        // In a variable, since a closure cannot consume what it captures.
        var given: PipelineFrame? = frame
        let isLate = state.withLock { state in
            if state.isSettled {
                given?.end(pipeline, .judged(.cancelled))
                return true
            }
            state.frame = given.take()
            return false
        }
        return isLate ? .failure(CancellationError()) : .success(attempt)
    }

    /// The stream itself failed, and not only what its reader made of it.
    func failed(_ error: any Error) {
        state.withLock { if $0.failure == nil { $0.failure = error } }
    }

    /// Reads from the stream; what reading throws is the stream's own failure.
    nonisolated(nonsending) func watching<Value>(_ read: nonisolated(nonsending) () async throws -> Value) async throws -> Value {
        do {
            return try await read()
        } catch {
            failed(error)
            throw error
        }
    }

    /// The stream's reader has returned. A failure that it kept to itself counts all the same (S8).
    func succeeded() {
        let inner = inner
        inner?.succeeded()
        let failure = silence ?? inner?.failure ?? failure
        state.withLock { state in
            state.isSettled = true
            guard let failure else {
                state.frame?.succeed(pipeline)
                return
            }
            state.frame?.commit()
            if case .stop(let end)? = state.frame?.fail(failure, pipeline) { state.failure = end }
        }
    }

    /// The stream's reader ended with `error`; what it throws of its own says nothing about the service.
    /// - Returns: what the caller is to see.
    func ended(with error: any Error) -> any Error {
        let inner = inner
        let error = inner?.ended(with: error) ?? error
        let silence = silence
        let innerFailure = inner?.failure
        return state.withLock { state in
            state.isSettled = true
            // Whoever arranges another attempt finds that it is too late; and of a call that was given up the policies know.
            guard state.frame != nil else { return error }
            state.frame?.commit()
            var failure = silence ?? innerFailure ?? state.failure ?? (error as? CancellationError)
            // A reader that was cancelled by the body itself, which ends with an error of its own: the call was not.
            if failure is CancellationError, !(error is CancellationError), !Task.isCancelled { failure = nil }
            if let failure {
                guard case .stop(let end)? = state.frame?.fail(failure, pipeline) else { return error }
                state.failure = end
                // What the reader made of the stream's failure is the reader's to throw.
                return silence != nil || error is any StatusError || error is CancellationError ? end : error
            }
            state.frame?.end(pipeline, .judged(.ignored))
            return error
        }
    }

    private var silence: (any Error)? {
        watches.withLock { $0 }.lazy.compactMap(\.error).first
    }
}
