import Holdfast
import NIOCore

/// How tasks hand work to an event loop: whatever piles up until the loop gets to it costs one wake-up together.
final class SubmissionQueue<Element: Sendable>: Sendable {
    private struct State {
        var waiting: [Element] = []
        /// The array of the last batch, emptied, so that its storage is used again.
        var spare: [Element] = []
        var isClosed = false
    }

    private let state = Locked(State())
    private let eventLoop: any EventLoop
    private let drain: @Sendable (inout [Element]) -> Void

    /// - Parameter drain: takes a batch, on the event loop; it may leave the array as it is.
    init(eventLoop: any EventLoop, drain: @escaping @Sendable (inout [Element]) -> Void) {
        self.eventLoop = eventLoop
        self.drain = drain
    }

    /// Whether the caller runs on the event loop.
    var isOnEventLoop: Bool { eventLoop.inEventLoop }

    /// Hands `element` over.
    /// - Returns: false when the queue is closed, and nothing was handed over.
    @discardableResult
    func submit(_ element: Element) -> Bool {
        let (isOpen, isFirst) = state.withLock { state in
            guard !state.isClosed else { return (false, false) }
            state.waiting.append(element)
            return (true, state.waiting.count == 1)
        }
        if isFirst { eventLoop.execute { self.run() } }
        return isOpen
    }

    /// Refuses everything from now on, and gives back what has not been drained.
    func close() -> [Element] {
        state.withLock { state in
            state.isClosed = true
            defer { state.waiting = [] }
            return state.waiting
        }
    }

    private func run() {
        var batch = state.withLock { state in
            let batch = state.waiting
            state.waiting = state.spare
            state.spare = []
            return batch
        }
        guard !batch.isEmpty else { return }
        drain(&batch)
        batch.removeAll(keepingCapacity: batch.capacity <= 4_096)
        let emptied = batch
        state.withLock { $0.spare = emptied }
    }
}
