import DequeModule
import Holdfast

/// The messages of one stream that its reader has not taken yet, and the account of its flow-control window.
///
/// Filled by the event loop, read by one task. The window is given back as messages are taken, and at once while none
/// waits, so a message may be longer than the window; what a stalled reader costs is bounded by one message and one window.
final class MessageInbox: Sendable {
    private struct State {
        var messages: Deque<WireMessage> = []
        var reader: UnsafeContinuation<WireMessage?, any Error>?
        var end: Result<Void, any Error>?
        var hasReceived = false
        /// Bytes of messages taken since the window was last given back.
        var taken = 0
        /// Bytes received whose window has not been given back.
        var outstanding = 0

        /// The next message, or the end; nil while there is neither.
        mutating func take() -> Result<WireMessage?, any Error>? {
            guard let message = messages.popFirst() else { return end?.map { nil } }
            taken += message.count + MessageDeframer.prefixLength
            return .success(message)
        }

        /// Whether the peer may be waiting for the window of what was taken.
        func isStalled(_ window: Int) -> Bool { taken > 0 && outstanding >= window / 2 }
    }

    private let state = Locked(State())
    private let window: Int

    /// - Parameter window: the size of the stream's window, in bytes.
    init(window: Int) {
        self.window = window
    }

    // The event loop's side

    /// Adds a message, or hands it to the waiting reader.
    func deliver(_ message: WireMessage) {
        let reader = state.withLock { state -> UnsafeContinuation<WireMessage?, any Error>? in
            guard state.end == nil else { return nil }
            state.hasReceived = true
            guard let reader = state.reader.take() else {
                state.messages.append(message)
                return nil
            }
            state.taken += message.count + MessageDeframer.prefixLength
            return reader
        }
        reader?.resume(returning: message)
    }

    /// Ends the stream, behind the messages that wait; a failure of this side throws those away.
    func finish(_ end: Result<Void, any Error>, discarding: Bool) {
        let reader = state.withLock { state -> UnsafeContinuation<WireMessage?, any Error>? in
            guard state.end == nil else { return nil }
            state.end = end
            if discarding { state.messages = [] }
            return state.reader.take()
        }
        reader?.resume(with: end.map { nil })
    }

    /// Books `received` further bytes, and says how many the peer may send again.
    func returnable(afterReceiving received: Int) -> Int {
        state.withLock { state in
            state.outstanding += received
            let count = state.messages.isEmpty ? state.outstanding : min(state.taken, state.outstanding)
            state.taken = 0
            state.outstanding -= count
            return count
        }
    }

    // The reader's side

    /// Whether the stream has failed.
    var hasFailed: Bool {
        state.withLock { if case .failure = $0.end { true } else { false } }
    }

    /// Whether the stream has failed without a single message.
    var failedUnanswered: Bool {
        state.withLock { state in
            if case .failure = state.end { !state.hasReceived } else { false }
        }
    }

    /// Takes the next message; nil at the end of the stream.
    /// - Parameters:
    ///   - onStalled: called when the peer may be waiting for the window that this message frees.
    ///   - onCancel: called when the task is cancelled while it waits; it must bring the stream to an end.
    nonisolated(nonsending) func next(
        onStalled: () -> Void, onCancel: @escaping @Sendable () -> Void
    ) async throws -> WireMessage? {
        let (ready, isStalled) = state.withLock { [window] state in
            let ready = state.take()
            return (ready, state.isStalled(window))
        }
        if let ready {
            if isStalled { onStalled() }
            return try ready.get()
        }
        return try await withTaskCancellationHandler {
            try await withUnsafeThrowingContinuation { continuation in
                wait(continuation, onStalled: onStalled)
            }
        } onCancel: {
            onCancel()
        }
    }

    /// Has `continuation` wait for the next message, unless one has come since it was last looked for: the window of that message is
    /// to be given back like any other's, or its reader and the peer wait for each other.
    func wait(_ continuation: UnsafeContinuation<WireMessage?, any Error>, onStalled: () -> Void) {
        let (ready, isStalled) = state.withLock { [window] state -> (Result<WireMessage?, any Error>?, Bool) in
            if let ready = state.take() { return (ready, state.isStalled(window)) }
            guard state.reader == nil else {
                return (.failure(RPCError.local(.failedPrecondition, "two tasks read the messages of one stream")), false)
            }
            state.reader = continuation
            return (nil, false)
        }
        if isStalled { onStalled() }
        if let ready { continuation.resume(with: ready) }
    }
}
