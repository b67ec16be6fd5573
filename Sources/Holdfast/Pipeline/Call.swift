/// What an operation inside a pipeline may know about the call it belongs to.
public struct Call: Sendable {
    /// The call that the current task works for: how a pipeline learns the deadline of the one around it.
    @TaskLocal public static var current: Call?

    /// The name of the pipeline.
    public let pipeline: String
    /// When the attempt must be over: the nearest of all timeouts and deadlines around it. Nil for never.
    public let deadline: Instant?
    /// Which attempt this is, from 1.
    public let attempt: Int
    /// The clock that ``deadline`` is on.
    public let timeSource: TimeSource

    /// How long is left; nil without a deadline, never below zero.
    public var remaining: Duration? {
        deadline.map { max($0 - timeSource.now(), .zero) }
    }
}
