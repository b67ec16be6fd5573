/// One policy as it stands in a document, before what it extends is known.
struct PolicyDraft: Sendable {
    var extends: Located<String>?
    var without: [Located<String>] = []
    var pipeline: [ElementDraft] = []
    /// Nil inside for none, also if the policy that this one extends has one; nil for the same as that one.
    var fallback: FallbackDraft??
    /// Whether all of it could be read.
    var isWhole = true

    /// How a document writes it.
    static let form = Form<PolicyDraft>(.object(section.shape)) { reader in
        let errors = reader.document.errorCount
        guard let object = reader.object(section.what), var draft = section.read(object) else { return nil }
        object.finish()
        draft.isWhole = reader.document.errorCount == errors
        return draft
    } write: { draft, style in
        .object(section.write(draft, style))
    }

    private static let section = Section<PolicyDraft>(
        "a pipeline and a fallback", name: "policy", summary: "A pipeline and the fallback around it."
    ) {
        Field.optional(
            "extends", .located(.text("a policy's name")), absent: "no other", \.extends,
            "The policy whose elements and fallback this one takes over."
        )
        Field.defaulted(
            "without", .list(.located(.text("an element's name")), "names of elements"), default: [], \.without,
            "Elements of the policy that is extended which this one does not take over."
        )
        Field.optional(
            "pipeline", .list(ElementDraft.form, "policies, outermost first"), absent: "none", \.writtenPipeline,
            "The elements, outermost first."
        )
        Field.optional(
            "fallback", .nullable(FallbackDraft.form, null: "none, whatever the policy that is extended has"),
            absent: "that of the policy that is extended, or none", \.fallback, "What answers when the pipeline fails.")
    } make: { extends, without, pipeline, fallback in
        PolicyDraft(extends: extends, without: without, pipeline: pipeline ?? [], fallback: fallback)
    }

    private var writtenPipeline: [ElementDraft]? { pipeline.isEmpty ? nil : pipeline }
}
