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
        } catch {
            observer.failed()
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
            observer.failed()
            throw error
        }
    }

    nonisolated(nonsending) func metadata() async throws -> Metadata {
        do {
            return try await stream.metadata()
        } catch {
            observer.failed()
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
    private struct State {
        var frame: PipelineFrame
        var isAnswered = false
        var hasFailed = false
    }

    private let state: Locked<State>

    init(_ frame: PipelineFrame) {
        state = Locked(State(frame: frame))
    }

    var frame: PipelineFrame { state.withLock { $0.frame } }

    /// Whether the stream itself failed, and not only what its reader made of it.
    var hasFailed: Bool { state.withLock { $0.hasFailed } }

    func answered() {
        // Gates run outside the lock: only the first message gets here, and the end is not taken before it is noted.
        let first: PipelineFrame? = state.withLock { state in
            guard !state.isAnswered else { return nil }
            state.isAnswered = true
            return state.frame
        }
        guard var frame = first else { return }
        frame.answered()
        let changed = frame
        state.withLock { $0.frame = changed }
    }

    func failed() {
        state.withLock { $0.hasFailed = true }
    }
}
