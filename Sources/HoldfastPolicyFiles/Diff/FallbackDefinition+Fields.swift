import Holdfast

extension FallbackDefinition {
    /// All settings as a file would spell them.
    var fields: [PolicyField] {
        var fields = PolicyFields()
        fields.add("enabled", isEnabled)
        fields.add("on", on)
        fields.add("singleFlight", singleFlight)
        for (index, step) in steps.enumerated() {
            let path = "steps[\(index)]"
            switch step.action {
            case .lastGood(let maxAge, let maxEntries):
                fields.add("\(path).lastGood.maxAge", maxAge)
                fields.add("\(path).lastGood.maxEntries", maxEntries)
            case .value(let json): fields.add("\(path).value", JSONNode.canonical(json))
            case .target(let endpoint, let timeout):
                fields.add("\(path).target.endpoint", quoted(endpoint))
                fields.add("\(path).target.timeout", timeout)
            case .handler(let name): fields.add("\(path).handler", quoted(name))
            }
        }
        return fields.list
    }

    /// Whether both answer the same; their places in the file do not count.
    func means(sameAs other: Self) -> Bool { name == other.name && fields == other.fields }
}
