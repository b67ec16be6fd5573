public import Holdfast

/// One call of a ``ScriptedOperation``.
public struct ScriptedCall: Sendable {
    /// How a call ended.
    public enum End: Sendable {
        /// It returned the script's value.
        case value
        /// It threw the script's error.
        case error(any Error)
        /// Its task was cancelled before its answer came.
        case cancelled
    }

    /// Which call this is, from 1.
    public let number: Int
    /// When it started.
    public let startedAt: Instant
    /// When it had to be over, as its pipeline said; nil for never, or if it was not told.
    public let deadline: Instant?
    /// Which attempt of its pipeline's call it was, from 1; 0 if it was not told.
    public let attempt: Int
    /// When it ended; nil while it runs.
    public internal(set) var endedAt: Instant?
    /// How it ended; nil while it runs.
    public internal(set) var end: End?

    init(number: Int, startedAt: Instant, deadline: Instant?, attempt: Int) {
        self.number = number
        self.startedAt = startedAt
        self.deadline = deadline
        self.attempt = attempt
    }

    /// Whether its task was cancelled before its answer came.
    public var wasCancelled: Bool {
        if case .cancelled = end { true } else { false }
    }
}
