/// One policy of a file: a pipeline, outermost first, and the fallback around it.
public struct PolicyDefinition: Hashable, Sendable {
    /// The name that routes refer to.
    public let name: String
    /// The policies, outermost first.
    public let pipeline: [PipelineElement]
    /// What answers when the pipeline fails; nil for nothing.
    public let fallback: FallbackDefinition?
    package let location: SourceLocation

    /// Describes a policy.
    /// - Parameter name: not empty, without `/`, and unique within the document.
    public init(_ name: String, pipeline: [PipelineElement] = [], fallback: FallbackDefinition? = nil) {
        self.init(name: name, pipeline: pipeline, fallback: fallback, location: .code)
    }

    init(name: String, pipeline: [PipelineElement], fallback: FallbackDefinition?, location: SourceLocation) {
        self.name = name
        self.pipeline = pipeline
        self.fallback = fallback
        self.location = location
    }
}
