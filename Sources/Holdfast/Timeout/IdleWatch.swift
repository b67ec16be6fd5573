import Synchronization

/// Ends a stream that has been silent for too long (S43): separate from the deadline of the whole.
///
/// Tell it of each message; a message costs one reading of the clock, and the timer is set again only when it fires.
public final class IdleWatch: Sendable {
    private enum State {
        case running(TimerHandle?)
        case ended
        case expired
    }

    private let timeout: Timeout
    private let idle: Duration
    private let onExpiry: @Sendable () -> Void
    private let lastSeen: Atomic<Int64>
    private let state = Locked(State.running(nil))

    /// Starts to watch; nil if the timeout has no idle limit.
    /// - Parameter onExpiry: ends the stream; called at most once, on the clock's thread.
    public init?(_ timeout: Timeout, onExpiry: @escaping @Sendable () -> Void) {
        guard let idle = timeout.configuration.idle else { return nil }
        self.timeout = timeout
        self.idle = idle
        self.onExpiry = onExpiry
        lastSeen = Atomic(timeout.timeSource.now().nanoseconds)
        arm()
    }

    /// A message has come or gone.
    public func noteActivity() {
        lastSeen.store(timeout.timeSource.now().nanoseconds, ordering: .relaxed)
    }

    /// Stops to watch: the stream has ended.
    public func stop() {
        let timer: TimerHandle? = state.withLock { state in
            guard case .running(let timer) = state else { return nil }
            state = .ended
            return timer
        }
        timer?.cancel()
    }

    /// What the stream ended with, if it was silent for too long.
    public var error: TimeoutError? {
        guard case .expired = state.withLock({ $0 }) else { return nil }
        return TimeoutError(policy: timeout.name, scope: .idle, after: idle)
    }

    private var end: Instant { Instant(nanoseconds: lastSeen.load(ordering: .relaxed)).advanced(by: idle) }

    private func arm() {
        let timer = timeout.timeSource.schedule(at: end) { [weak self] in self?.fire() }
        let isOver = state.withLock { state in
            guard case .running = state else { return true }
            state = .running(timer)
            return false
        }
        if isOver { timer.cancel() }
    }

    private func fire() {
        guard end <= timeout.timeSource.now() else { return arm() }
        let isFirst = state.withLock { state in
            guard case .running = state else { return false }
            state = .expired
            return true
        }
        guard isFirst, let error else { return }
        timeout.expired(error)
        onExpiry()
    }
}
