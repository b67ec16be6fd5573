extension PipelineFrame {
    /// What is to be done next.
    @usableFromInline
    package enum Step: Sendable {
        /// All stages are passed: make the attempt, then ``PipelineFrame/succeed(_:)`` or ``PipelineFrame/fail(_:_:)``.
        case run
        /// A chaos policy gives this value in place of the attempt's.
        indirect case answer(any Sendable)
        /// Something takes time: ``PipelineFrame/proceed(_:)``.
        case proceed
        /// The call ends with this error.
        case stop(any Error)
    }

    /// What takes time between two steps.
    @usableFromInline
    enum Delay: Sendable {
        case none
        /// The queue of the gate at that stage.
        case queue(stage: Int)
        /// A retry's backoff.
        case backoff(until: Instant)
        /// A chaos policy's latency and behavior.
        indirect case injection(Chaos.Injections, stage: Int)
    }

    /// Which limit the nearest deadline comes from.
    @usableFromInline
    struct Limit: Sendable, BitwiseCopyable {
        @usableFromInline var instant = Instant.distantFuture
        /// The index of the timeout's stage; -1 for a deadline from outside.
        @usableFromInline var stage = -1
        @usableFromInline var nanoseconds: Int64 = .max

        @inlinable
        init() {}

        init(instant: Instant, stage: Int, nanoseconds: Int64) {
            self.instant = instant
            self.stage = stage
            self.nanoseconds = nanoseconds
        }
    }

    /// A retry that the call is inside of.
    @usableFromInline
    struct Retrying: Sendable {
        let stage: Int
        /// The limit that holds outside of the retry, and again at its next attempt.
        let limit: Limit
        var progress: Retry.Progress
    }
}
