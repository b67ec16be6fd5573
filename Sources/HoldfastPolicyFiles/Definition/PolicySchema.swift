/// The policy file format as a JSON Schema (2020-12), from the definitions that the reader goes by.
///
/// ```swift
/// print(PolicySchema.text)
/// ```
public enum PolicySchema {
    /// The schema, as `Policies/policy.schema.json` holds it.
    public static var text: String {
        SchemaPrinter.text(title: "A policy file of Holdfast", DocumentDraft.section.shape)
    }
}
