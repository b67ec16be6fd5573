extension PipelineElement {
    /// All settings as a file would spell them, defaults included.
    var fields: [PolicyField] {
        let draft = ElementDraft(isEnabled: isEnabled, shared: shared, scope: scope, settings: settings)
        // Its kind is the only key.
        guard case .object(let members) = ElementDraft.form.write(draft, .complete), let own = members.first else { return [] }
        return PolicyField.list(of: own.1)
    }
}

extension PipelineElement.Settings {
    /// Whether both make calls behave the same; the formatting of an injected answer does not count.
    func means(sameAs other: Self) -> Bool {
        guard case .chaos(let one) = self, case .chaos(let two) = other else { return self == other }
        return one.fault == two.fault && one.latency == two.latency && one.isEnabled == two.isEnabled
            && one.outcome?.rate == two.outcome?.rate
            && one.outcome.map { JSONNode.canonical($0.json) } == two.outcome.map { JSONNode.canonical($0.json) }
    }
}
