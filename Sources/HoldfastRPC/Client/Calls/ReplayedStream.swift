import Holdfast

/// A stream that may be tried again: what is written is kept, and sent anew on another stream when one fails before anything
/// has been given to the reader.
///
/// The attempt is committed as in gRFC A6, and its failure goes to the caller, once the server's headers have come: a stream that fails
/// with a status alone (Trailers-Only) may be tried again, one whose service had begun to answer may not. The first message, at which
/// S8 commits a stream at the latest, comes behind them. It is committed too when more was written than is kept. What is kept is
/// given up when the reader is given something, since a failure is noticed there. Whoever notices it first, a writer or the reader,
/// arranges the next attempt; the others wait for it.
final class ReplayedStream: ClientStream {
    typealias Open = @Sendable (_ attempt: StreamAttempt, _ messages: [StreamMessage], _ isComplete: Bool) -> any ClientStream

    private struct State {
        var stream: any ClientStream
        /// Which stream that is, from 1.
        var number = 1
        var messages: [StreamMessage] = []
        var bytes = 0
        var isComplete = false
        var isCommitted = false
        var isCancelled = false
        /// Set while another attempt is being arranged.
        var change: AsyncValue<Void>?
        /// What the call ended with.
        var end: (any Error)?

        mutating func commit() {
            isCommitted = true
            messages = []
        }
    }

    private let observer: StreamObserver
    private let bufferLength: Int
    private let open: Open
    private let state: Locked<State>

    init(_ observer: StreamObserver, _ attempt: StreamAttempt, bufferLength: Int, open: @escaping Open) {
        self.observer = observer
        self.bufferLength = bufferLength
        self.open = open
        state = Locked(State(stream: open(attempt, [], false)))
    }

    nonisolated(nonsending) func send(_ message: StreamMessage) async throws {
        let (stream, number, isOverflow) = try await current { [bufferLength] state in
            // Also where it is kept it must not be, or the next attempt would send it.
            if state.isComplete { throw RPCError.finishedWriting }
            guard !state.isCommitted else { return false }
            state.bytes += message.bytes.count + MessageDeframer.prefixLength
            state.messages.append(message)
            guard state.bytes > bufferLength else { return false }
            state.commit()
            return true
        }
        if isOverflow { observer.commit() }
        do {
            try await stream.send(message)
            observer.noteActivity()
        } catch {
            try await replace(stream, number, after: error, isReading: false)
        }
    }

    func finishSending() {
        let stream = state.withLock { state -> (any ClientStream)? in
            state.isComplete = true
            return state.change == nil ? state.stream : nil
        }
        stream?.finishSending()
    }

    nonisolated(nonsending) func next() async throws -> [UInt8]? {
        while true {
            let (stream, number, _) = try await current { _ in false }
            do {
                let message = try await stream.next()
                if message != nil { answered() }
                return message
            } catch {
                try await replace(stream, number, after: error)
            }
        }
    }

    nonisolated(nonsending) func metadata() async throws -> Metadata {
        while true {
            let (stream, number, _) = try await current { _ in false }
            do {
                let metadata = try await stream.metadata()
                state.withLock { $0.commit() }
                observer.commit()
                return metadata
            } catch {
                try await replace(stream, number, after: error)
            }
        }
    }

    var hasFailed: Bool { state.withLock { $0.stream }.hasFailed }

    var failedUnanswered: Bool { state.withLock { $0.stream }.failedUnanswered }

    var trailingMetadata: Metadata { state.withLock { $0.stream }.trailingMetadata }

    func reject(_ error: any Error) {
        state.withLock { $0.stream }.reject(error)
        observer.failed(error)
    }

    func cancel() {
        let stream = state.withLock { state in
            state.isCancelled = true
            return state.stream
        }
        stream.cancel()
    }

    private func answered() {
        state.withLock { if !$0.isCommitted { $0.commit() } }
        observer.answered()
    }

    /// The stream of the attempt that runs, waiting for it while there is none.
    /// - Parameter book: done to the state in one step with that.
    private nonisolated(nonsending) func current(
        _ book: @Sendable (inout State) throws -> Bool
    ) async throws -> (stream: any ClientStream, number: Int, booked: Bool) {
        while true {
            let (stream, number, booked, change) = try state.withLock { state in
                if let end = state.end { throw end }
                let booked = try state.change == nil && book(&state)
                return (state.stream, state.number, booked, state.change)
            }
            guard let change else { return (stream, number, booked) }
            try await change.value()
        }
    }

    private enum Part {
        /// Another attempt runs already.
        case none
        /// Somebody else arranges it.
        case wait(AsyncValue<Void>)
        case arrange(AsyncValue<Void>)
        /// There is none.
        case give(up: any Error)
    }

    /// Puts another attempt's stream in the place of `stream`, which has given `error`.
    /// - Throws: `error`, or what the policies make of it, if there is no other attempt.
    private nonisolated(nonsending) func replace(
        _ stream: any ClientStream, _ number: Int, after error: any Error, isReading: Bool = true
    ) async throws {
        let mayReplace = stream.failedUnanswered
        let part = state.withLock { state -> Part in
            if let end = state.end { return .give(up: end) }
            if state.number != number { return .none }
            if let change = state.change { return .wait(change) }
            guard mayReplace, !state.isCommitted else {
                // What was refused must not be sent by a later attempt.
                state.commit()
                return .give(up: error)
            }
            let change = AsyncValue<Void>()
            state.change = change
            return .arrange(change)
        }
        switch part {
        case .none: return
        case .wait(let change): try await change.value()
        case .arrange(let change):
            let result = await self.change(after: error)
            change.finish(result)
            try result.get()
        case .give(let error):
            observer.commit()
            if stream.hasFailed || isReading { observer.failed(error) }
            throw error
        }
    }

    private nonisolated(nonsending) func change(after error: any Error) async -> Result<Void, any Error> {
        switch await observer.attempt(after: error) {
        case .failure(let end): return .failure(self.end(end))
        case .success(let attempt):
            // Nobody writes meanwhile: they wait for the change.
            let (messages, isComplete) = state.withLock { ($0.messages, $0.isComplete) }
            let stream = open(attempt, messages, isComplete)
            let (isCancelled, finishesNow) = state.withLock { state in
                state.stream = stream
                state.number += 1
                state.change = nil
                return (state.isCancelled, state.isComplete && !isComplete)
            }
            if finishesNow { stream.finishSending() }
            if isCancelled { stream.cancel() }
            return .success(())
        }
    }

    private func end(_ error: any Error) -> any Error {
        observer.failed(error)
        state.withLock { state in
            state.end = error
            state.change = nil
            state.commit()
        }
        return error
    }
}
