import Holdfast

extension PipelineFrame {
    /// Enters the pipeline and passes all stages, for work that only its own code can answer: what a chaos policy would put in its
    /// place means nothing.
    /// - Throws: the error that the call ends with when a policy refuses it.
    nonisolated(nonsending) mutating func passAll(_ pipeline: Pipeline) async throws {
        var step = enter(pipeline)
        while true {
            switch step {
            case .run: return
            case .answer: step = leaveAlone(pipeline)
            case .proceed: step = await proceed(pipeline)
            case .stop(let error): throw error
            }
        }
    }
}
