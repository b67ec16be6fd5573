extension FallbackDefinition {
    /// All settings as a file would spell them, defaults included.
    var fields: [PolicyField] {
        let draft = FallbackDraft(isEnabled: isEnabled, on: on, singleFlight: singleFlight, metadata: metadata ?? [], steps: steps)
        return PolicyField.list(of: FallbackDraft.form.write(draft, .complete))
    }

    /// Whether both answer the same.
    func means(sameAs other: Self) -> Bool { name == other.name && fields == other.fields }
}
