extension PolicyDefinition {
    static func read(_ reader: ValueReader, name: String, sharedGates: inout SharedGates) -> PolicyDefinition? {
        guard let object = reader.object("a pipeline and a fallback") else { return nil }
        var names = ElementNames()
        var pipeline: [PipelineElement] = []
        for element in object.optional("pipeline")?.array("policies, outermost first") ?? [] {
            PipelineElement.read(element, names: &names, sharedGates: &sharedGates).map { pipeline.append($0) }
        }
        let fallback = object.optional("fallback").flatMap { FallbackDefinition.read($0, names: &names) }
        object.finish()
        return PolicyDefinition(name: name, pipeline: pipeline, fallback: fallback)
    }
}
