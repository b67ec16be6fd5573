import Holdfast

/// Makes the streams of one call, one around the other, as its pipeline has them: what is hedged stands inside of what is tried
/// again, or the other way round.
struct StreamLayers: Sendable {
    let client: RPCClient
    let path: String
    let options: CallOptions
    let attributes: CallAttributes

    /// Passes what stands around the pipeline's outermost hedge, or all of it, and opens the stream.
    /// - Parameter hedged: which attempt of a hedge around `pipeline` the stream is, if there is one.
    /// - Throws: the error that the call ends with when a policy refuses it.
    nonisolated(nonsending) func enter(
        _ pipeline: Pipeline, deadline: Instant?, hedged: HedgeAttempt? = nil
    ) async throws -> (stream: any ClientStream, observer: StreamObserver) {
        // A call that may not run twice is not hedged: the hedge stands aside in the one frame.
        let division = attributes.isIdempotent ? pipeline.division : nil
        let pipeline = division?.outer ?? pipeline
        let isRepeatable = pipeline.hasRetry
        // Without a retry of its own it is an attempt of whatever stands around it.
        let enclosingAttempt = isRepeatable ? 0 : Call.enclosing.attempt
        var frame = PipelineFrame(
            pipeline, deadline: deadline, attributes: attributes, hedged: hedged, isRepeatable: isRepeatable)
        try await frame.passAll(pipeline)
        let attempt = StreamAttempt(frame, pipeline)
        let observer = StreamObserver(frame, pipeline)
        let open: ReplayedStream.Open = { attempt, messages, isComplete in
            guard let division else {
                let call = attempt.call
                return client.open(
                    path, options, deadline: call.deadline, attempt: max(call.attempt, enclosingAttempt), hedge: call.hedge,
                    isCutShort: call.isCutShort, messages: messages, isComplete: isComplete)
            }
            return hedge(division, attempt, observer, messages, isComplete)
        }
        let stream: any ClientStream =
            isRepeatable
            ? ReplayedStream(observer, attempt, bufferLength: client.replayBufferLength, open: open)
            : ObservedStream(open(attempt, [], false), observer)
        return (stream, observer)
    }

    private func hedge(
        _ division: Pipeline.Division, _ attempt: StreamAttempt, _ observer: StreamObserver, _ messages: [StreamMessage],
        _ isComplete: Bool
    ) -> any ClientStream {
        let stream = HedgedStream(
            observer, messages: messages, isComplete: isComplete, bufferLength: client.replayBufferLength,
            messageLimit: client.maximumMessageLength
        ) { hedged in
            let (stream, observer) = try await enter(division.inner, deadline: attempt.call.deadline, hedged: hedged)
            observer.watchIdle { stream.cancel() }
            return HedgedStream.Contender(hedged, stream, observer)
        }
        stream.race(
            division.hedge, Attempt(division.inner.timeSource, deadline: attempt.call.deadline, attributes: attributes),
            isAccounted: division.isAccounted, scope: attempt.scope)
        return stream
    }
}
