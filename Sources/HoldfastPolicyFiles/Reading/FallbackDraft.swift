import Holdfast

/// A fallback as it stands in a document, before its name is known to be its own.
struct FallbackDraft: Sendable {
    var name: Located<String>?
    var isEnabled = true
    var on: FailureSelector?
    var singleFlight = false
    var metadata: Set<String>?
    var steps: [FallbackDefinition.Step]
    var location = SourceLocation.code

    /// How a document writes it: a list of steps, or an object with the steps and what holds for all of them.
    static let form = Form<FallbackDraft>(.anyOf([stepList.shape, object.shape])) { reader in
        var draft = reader.isObject ? object.read(reader) : stepList.read(reader).map { FallbackDraft(steps: $0) }
        draft?.location = reader.location
        return draft
    } write: { draft, style in
        let isPlain =
            style == .brief && draft.name == nil && draft.isEnabled && draft.on == nil && !draft.singleFlight && draft.metadata == nil
        return isPlain ? stepList.write(draft.steps, style) : object.write(draft, style)
    }

    private static let object = Form<FallbackDraft>.section(
        Section(
            "steps", name: "fallback",
            summary:
                "Answers in place of a failed call: a list of steps, tried in order, or an object with the steps and what holds for all of them."
        ) {
            Field.optional("name", .located(ElementNames.form), absent: "`fallback`", \.name, "Its name among the policy's elements.")
            Field.defaulted("enabled", .bool, default: true, \.isEnabled, "Whether it takes part.")
            Field.optional(
                "on", .failures, absent: "all that do not blame the caller", \.on, "Which failures are answered."
            )
            Field.defaulted(
                "singleFlight", .bool, default: false, \.singleFlight,
                "Whether concurrent calls with the same request share one run of a handler or target."
            )
            Field.optional(
                "metadata", metadataKeys, absent: "none, with a note from `policy check` where that matters", \.metadata,
                "The metadata that answers depend on besides the request, such as `authorization`: an answer that was kept, or a run that is "
                    + "shared, serves only calls with the same values. A target is sent them."
            )
            Field.required("steps", stepList, \.steps, "The steps, tried in order; at least one.")
        } make: { name, isEnabled, on, singleFlight, metadata, steps in
            FallbackDraft(name: name, isEnabled: isEnabled, on: on, singleFlight: singleFlight, metadata: metadata, steps: steps)
        })

    private static let metadataKeys = Form<Set<String>>(.list(Form.metadataKey.shape)) { reader in
        reader.array("keys of metadata").map { Set($0.compactMap(Form.metadataKey.read)) }
    } write: { keys, style in
        .array(keys.sorted().map { Form.metadataKey.write($0, style) })
    }

    private static let stepList = Form<[FallbackDefinition.Step]>(.someOf(FallbackDefinition.Step.form.shape)) { reader in
        guard let readers = reader.array("fallback steps") else { return nil }
        if readers.isEmpty { reader.fail("a fallback needs at least one step; remove it if nothing shall answer") }
        var steps: [FallbackDefinition.Step] = []
        for reader in readers {
            if case .value = steps.last?.action { reader.warn("this step is never tried, because the value before it always answers") }
            if let step = FallbackDefinition.Step.form.read(reader) { steps.append(step) }
        }
        return steps
    } write: { steps, style in
        .array(steps.map { FallbackDefinition.Step.form.write($0, style) })
    }
}
