/// What an operation inside a pipeline may know about the attempt it makes.
public struct Call: Sendable {
    /// The call that the current task works for: how a pipeline learns of the ones around it.
    @TaskLocal public static var enclosing = EnclosingCall()

    /// The name of the pipeline.
    public let pipeline: String
    /// When the attempt must be over: the nearest of all timeouts and deadlines around it. Nil for never.
    public let deadline: Instant?
    /// Which attempt this is, from 1.
    public let attempt: Int
    /// The clock that ``deadline`` is on.
    public let timeSource: TimeSource
    /// Whether ``deadline`` leaves the attempt less than its own timeout: that it passes says nothing about the service then (S7).
    @usableFromInline package let isCutShort: Bool
    /// Which of a hedge's attempts this is a part of, from 1; 1 outside of any hedge.
    @usableFromInline package let hedge: Int

    @inlinable
    package init(
        pipeline: String, deadline: Instant?, attempt: Int, timeSource: TimeSource, isCutShort: Bool = false, hedge: Int = 1
    ) {
        self.pipeline = pipeline
        self.deadline = deadline
        self.attempt = attempt
        self.timeSource = timeSource
        self.isCutShort = isCutShort
        self.hedge = hedge
    }

    /// How long is left; nil without a deadline, never below zero.
    public var remaining: Duration? {
        deadline.map { max($0 - timeSource.now(), .zero) }
    }
}

/// What a pipeline learns of the pipelines around it: a few numbers, because a task-local that holds a reference costs twice as much.
public struct EnclosingCall: Hashable, Sendable, BitwiseCopyable {
    @usableFromInline var limit: Instant
    /// Which attempt of the enclosing call this is, from 1; 0 outside of any.
    public var attempt: Int
    /// What an enclosing retry with attempts left would try again; empty when there is none.
    @usableFromInline var retried: FailureSelector.Bits

    @inlinable
    package init(limit: Instant = .distantFuture, attempt: Int = 0, retried: FailureSelector.Bits = .init()) {
        self.limit = limit
        self.attempt = attempt
        self.retried = retried
    }

    /// What a gate outside of any pipeline of its own is told when its operation throws, as ``PipelineFrame`` would tell it (S1).
    @usableFromInline
    func completion(of error: any Error, _ attempt: inout Attempt) -> Completion {
        let code = (error as? any StatusError)?.code
        let isCancellation = error is CancellationError || code == .cancelled
        if limit < .distantFuture, isCancellation || code == .deadlineExceeded, !(error is TimeoutError), limit <= attempt.now() {
            // Cut off by a pipeline further out: the service did not answer in time.
            return .judged(.failure)
        }
        // A caller that went away may be told so in the operation's own words.
        return Task.isCancelled && (code == nil || isCancellation) ? .judged(.cancelled) : .failed(error)
    }

    /// When the enclosing call must be over; nil for never.
    @inlinable
    public var deadline: Instant? { limit == .distantFuture ? nil : limit }
}
