/// One policy of a file: a pipeline, outermost first, and the fallback around it.
public struct PolicyDefinition: Hashable, Sendable {
    /// The name that routes refer to.
    public let name: String
    /// The policies, outermost first.
    public let pipeline: [PipelineElement]
    /// What answers when the pipeline fails; nil for nothing.
    public let fallback: FallbackDefinition?
}
