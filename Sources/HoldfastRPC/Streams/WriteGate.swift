import Holdfast

/// Holds a stream's writers back while more bytes wait to be sent than the peer, or the socket, takes.
final class WriteGate: Sendable {
    /// Writers wait above this many bytes, and go on below half of it.
    private static let highWater = 128 * 1024

    private struct State {
        var pending = 0
        var waiters: [UnsafeContinuation<Void, any Error>] = []
        var end: (any Error)?
        var isFinished = false
    }

    private let state = Locked(State())

    /// Books a message about to be sent.
    /// - Parameter handOver: hands it over, with the lock held, so that whoever calls ``finish()`` meanwhile comes behind it. It must not
    ///   call the gate.
    /// - Throws: what ended the stream, or FAILED_PRECONDITION behind what was said to be the last message.
    func book(_ message: WireMessage, handOver: () -> Void = {}) throws {
        try state.withLock { state in
            if let end = state.end { throw end }
            if state.isFinished { throw RPCError.finishedWriting }
            state.pending += message.count + MessageDeframer.prefixLength
            handOver()
        }
    }

    /// Waits until there is room again; returns at once when there is.
    nonisolated(nonsending) func wait(onCancel: @escaping @Sendable () -> Void) async throws {
        guard state.withLock({ $0.pending > Self.highWater }) else { return }
        try await withTaskCancellationHandler {
            try await withUnsafeThrowingContinuation { (continuation: UnsafeContinuation<Void, any Error>) in
                let ready = state.withLock { state -> Result<Void, any Error>? in
                    if let end = state.end { return .failure(end) }
                    if state.pending <= Self.highWater { return .success(()) }
                    state.waiters.append(continuation)
                    return nil
                }
                if let ready { continuation.resume(with: ready) }
            }
        } onCancel: {
            onCancel()
        }
    }

    /// Takes no more messages; those that were booked still leave.
    func finish() {
        state.withLock { $0.isFinished = true }
    }

    /// Takes note that bytes have left.
    func drained(_ count: Int) {
        let waiters = state.withLock { state -> [UnsafeContinuation<Void, any Error>] in
            state.pending -= count
            guard state.pending <= Self.highWater / 2, !state.waiters.isEmpty else { return [] }
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Refuses all further messages; waiting writers get the error.
    func close(_ error: any Error) {
        let waiters = state.withLock { state -> [UnsafeContinuation<Void, any Error>] in
            if state.end == nil { state.end = error }
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume(throwing: error) }
    }
}
