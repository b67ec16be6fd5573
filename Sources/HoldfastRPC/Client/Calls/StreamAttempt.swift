import Holdfast

/// What the stream of one attempt is told, and what pipelines further in are.
struct StreamAttempt: Sendable {
    let call: Call
    let scope: EnclosingCall

    /// - Parameter frame: has passed all of `pipeline`.
    init(_ frame: borrowing PipelineFrame, _ pipeline: Pipeline) {
        call = frame.call(pipeline)
        scope = frame.scope(pipeline)
    }
}
