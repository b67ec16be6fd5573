extension Pipeline: CustomStringConvertible {
    /// What each stage is and does, outermost first, with the settings in force now.
    public var descriptions: [StageDescription] {
        stages.enumerated().map { index, stage in
            let policy = stage.policy
            return StageDescription(
                index: index, kind: policy.kind, name: policy.name, summary: policy.summary, counters: policy.counters)
        }
    }

    /// The pipeline's name, then a line for each stage, outermost first.
    ///
    /// The numbers are places in ``stages``, from 0, as in ``PipelineLint/stages`` and in the paths of policy files.
    public var description: String {
        guard !stages.isEmpty else { return "pipeline \"\(name)\", without policies" }
        return (["pipeline \"\(name)\", outermost first:"] + descriptions.map { "  \($0)" }).joined(separator: "\n")
    }
}
