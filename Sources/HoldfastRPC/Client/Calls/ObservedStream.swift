import Holdfast

/// A stream whose first message and failure are noted for the policies around it.
final class ObservedStream: ClientStream {
    private let stream: any ClientStream
    private let observer: StreamObserver

    init(_ stream: any ClientStream, _ observer: StreamObserver) {
        self.stream = stream
        self.observer = observer
    }

    nonisolated(nonsending) func send(_ message: [UInt8]) async throws {
        do {
            try await stream.send(message)
            observer.noteActivity()
        } catch {
            observer.failed(error)
            throw error
        }
    }

    func finishSending() {
        stream.finishSending()
    }

    nonisolated(nonsending) func next() async throws -> [UInt8]? {
        do {
            let message = try await stream.next()
            if message != nil { observer.answered() }
            return message
        } catch {
            observer.failed(error)
            throw error
        }
    }

    nonisolated(nonsending) func metadata() async throws -> Metadata {
        do {
            return try await stream.metadata()
        } catch {
            observer.failed(error)
            throw error
        }
    }

    var trailingMetadata: Metadata { stream.trailingMetadata }

    func cancel() {
        stream.cancel()
    }
}

/// What a stream's policies must know before its end.
final class StreamObserver: Sendable {
    private struct State: ~Copyable {
        var frame: PipelineFrame
        var isAnswered = false
        /// What the stream itself ended with, if that was no OK.
        var failure: (any Error)?
    }

    private let pipeline: Pipeline
    private let state: Locked<State>
    private let watches = Locked<[IdleWatch]>([])

    init(_ frame: consuming PipelineFrame, _ pipeline: Pipeline) {
        self.pipeline = pipeline
        state = Locked(State(frame: frame))
    }

    /// Ends the stream when it is silent for too long, if a timeout says how long that is (S43).
    func watchIdle(_ end: @escaping @Sendable () -> Void) {
        for case .timeout(let timeout) in pipeline.stages {
            if let watch = IdleWatch(timeout, onExpiry: end) { watches.withLock { $0.append(watch) } }
        }
    }

    /// The stream has ended, and may be silent from now on.
    func stopWatching() {
        for watch in watches.withLock({ $0 }) { watch.stop() }
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
            state.frame.answered(pipeline)
        }
    }

    /// The stream itself failed, and not only what its reader made of it.
    func failed(_ error: any Error) {
        state.withLock { if $0.failure == nil { $0.failure = error } }
    }

    /// The stream's reader has returned. A failure that it kept to itself counts all the same (S8).
    func succeeded() {
        let silence = silence
        state.withLock { state in
            guard let failure = silence ?? state.failure else { return state.frame.succeed(pipeline) }
            _ = state.frame.fail(failure, pipeline)
        }
    }

    /// The stream's reader ended with `error`; what it throws of its own says nothing about the service.
    /// - Returns: what the caller is to see.
    func ended(with error: any Error) -> any Error {
        let silence = silence
        return state.withLock { state in
            if let failure = silence ?? state.failure ?? (error as? CancellationError) {
                guard case .stop(let end) = state.frame.fail(failure, pipeline) else { return error }
                // What the reader made of the stream's failure is the reader's to throw.
                return silence != nil || error is any StatusError || error is CancellationError ? end : error
            }
            state.frame.end(pipeline, .judged(.ignored))
            return error
        }
    }

    private var silence: (any Error)? {
        watches.withLock { $0 }.lazy.compactMap(\.error).first
    }
}
