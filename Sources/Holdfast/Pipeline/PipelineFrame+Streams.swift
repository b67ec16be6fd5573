/// What a stream needs of its frame: its attempts are made underneath a body that reads and writes, and that runs once.
extension PipelineFrame {
    /// No further attempt is made from now on: an answer has been seen, or what was sent is no longer known.
    package mutating func commit() {
        isRepeatable = false
    }

    /// What pipelines inside of the body are told.
    ///
    /// The body outlives the attempts, so the limit is that of the outermost retry, and not an attempt's. A retry of the stream
    /// repeats what the body has sent, not what else it does, so no retry inside stands down for it (S63).
    package func bodyScope() -> EnclosingCall {
        let outermost = (outerRetrying.first ?? retrying)?.limit ?? limit
        return EnclosingCall(limit: outermost.instant, attempt: attemptNumber, retried: enclosing.retried)
    }
}
