import Holdfast

extension PipelineElement {
    /// All settings as a file would spell them, defaults included.
    var fields: [PolicyField] { fields(.complete) }

    /// The kind, and the settings that differ from the defaults: `bulkhead (maxConcurrent 1)`.
    var outline: String {
        let parts = fields(.brief).map { "\($0.path) \($0.text)" }
        return parts.isEmpty ? kind.rawValue : "\(kind) (\(parts.joined(separator: ", ")))"
    }

    private func fields(_ style: WriteStyle) -> [PolicyField] {
        let draft = ElementDraft(isEnabled: isEnabled, shared: shared, scope: scope, settings: settings)
        // Its kind is the only key; an object without members has no fields.
        guard case .object(let members) = ElementDraft.form.write(draft, style), case .object(let own)? = members.first?.1 else {
            return []
        }
        return own.isEmpty ? [] : PolicyField.list(of: .object(own))
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
