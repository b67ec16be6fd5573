/// A timer that is set for another time again and again, by the holder of the lock that it is kept under.
struct MovableTimer {
    private var handle: TimerHandle?
    private var due = Instant.distantFuture

    /// Calls `action` at that time instead of when it was set for; nil or the distant future for never.
    ///
    /// The action must call ``fired()`` under the lock, or the timer cannot be set for the same time again.
    mutating func set(for next: Instant?, _ timeSource: TimeSource, _ action: @escaping @Sendable () -> Void) {
        let next = next ?? .distantFuture
        guard next != due else { return }
        handle?.cancel()
        handle = next < .distantFuture ? timeSource.schedule(at: next, action) : nil
        due = next
    }

    /// Notes that the action runs.
    mutating func fired() {
        due = .distantFuture
    }
}
