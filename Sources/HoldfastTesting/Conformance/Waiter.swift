import Holdfast
import HoldfastVirtualTime

/// A task in a gate's queue. A check looks at how its wait ended instead of awaiting it, since a gate may have forgotten it.
final class Waiter: Sendable {
    enum End: Sendable {
        case ticket(Ticket)
        case rejected(Rejection)
        case cancelled
        case failed(any Error)
    }

    private let ended = Locked<(end: End, at: Instant)?>(nil)
    private let task = Locked<Task<Void, Never>?>(nil)
    private let taken = Locked(false)

    /// Starts waiting at a gate that has said ``Admission/mustWait``.
    /// - Parameter isCancelled: whether the task is cancelled before it begins to wait.
    init(_ probe: GateProbe, deadline: Instant? = nil, isCancelled: Bool = false) {
        let task = Task(executorPreference: probe.world) { [self] in
            if isCancelled { withUnsafeCurrentTask { $0?.cancel() } }
            let end: End
            do {
                end = .ticket(try await probe.gate.waitForPermit(probe.attempt(deadline: deadline)))
            } catch is CancellationError {
                end = .cancelled
            } catch let rejection as Rejection {
                end = .rejected(rejection)
            } catch {
                end = .failed(error)
            }
            let now = probe.world.now()
            ended.withLock { $0 = (end, now) }
        }
        self.task.withLock { $0 = task }
    }

    func cancel() {
        task.withLock { $0 }?.cancel()
    }

    /// How the wait ended; nil while it goes on.
    var end: End? { ended.withLock { $0?.end } }
    /// When it ended, on the world's clock.
    var endedAt: Instant? { ended.withLock { $0?.at } }

    var ticket: Ticket? {
        if case .ticket(let ticket) = end { ticket } else { nil }
    }

    /// Its ticket, the first time that it is asked for it.
    func take() -> Ticket? {
        guard let ticket else { return nil }
        let isFirst = taken.withLock { taken in
            defer { taken = true }
            return !taken
        }
        return isFirst ? ticket : nil
    }

    var hasTaken: Bool { taken.withLock { $0 } }

    var wasCancelled: Bool {
        if case .cancelled = end { true } else { false }
    }

    /// How the wait ended, in words.
    var story: String {
        switch end {
        case .ticket: "it got a permit"
        case .rejected(let rejection): "it was refused (\(rejection.reason))"
        case .cancelled: "it was cancelled"
        case .failed(let error): "it threw \(error)"
        case nil: "it still waits"
        }
    }
}
