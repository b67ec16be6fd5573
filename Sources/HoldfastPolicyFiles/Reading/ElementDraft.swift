import Holdfast

/// One policy of a pipeline as it stands in a document, before its name is known to be its own.
struct ElementDraft: Sendable {
    var name: Located<String>?
    var isEnabled = true
    var shared: String?
    var scope = PipelineElement.Scope.shared
    var settings: PipelineElement.Settings
    /// Where the budget stands that the element shares, if it does.
    var budget = SourceLocation.code
    var location = SourceLocation.code

    /// Not kept: what the element takes over is its own.
    private var defaults: String? { nil }

    /// One kind of element, as documents name it.
    struct Kind: Sendable {
        let name: String
        fileprivate let alternative: Alternative<ElementDraft>

        /// Its settings.
        var shape: Shape? { alternative.shape.fields.first?.shape }
    }

    /// Every kind; what is not in this list is in no document.
    static let kinds: [Kind] = [
        kind(.timeout, Timeout.Configuration.section, make: { .timeout($0) }) {
            if case .timeout(let settings) = $0 { settings } else { nil }
        },
        kind(.retry, RetryDefinition.section, make: { .retry($0.configuration, sharedBudget: $0.budget.shared) }, at: \.budget.location) {
            if case .retry(let settings, let shared) = $0 {
                RetryDefinition(configuration: settings, budget: BudgetDefinition(configuration: settings.budget, shared: shared))
            } else {
                nil
            }
        },
        kind(.circuitBreaker, CircuitBreaker.Configuration.section, isGate: true, make: { .circuitBreaker($0) }) {
            if case .circuitBreaker(let settings) = $0 { settings } else { nil }
        },
        kind(.rateLimiter, RateLimiter.Configuration.section, isGate: true, make: { .rateLimiter($0) }) {
            if case .rateLimiter(let settings) = $0 { settings } else { nil }
        },
        kind(.bulkhead, Bulkhead.Configuration.section, isGate: true, make: { .bulkhead($0) }) {
            if case .bulkhead(let settings) = $0 { settings } else { nil }
        },
        kind(.adaptiveLimiter, AdaptiveLimiter.Configuration.section, isGate: true, make: { .adaptiveLimiter($0) }) {
            if case .adaptiveLimiter(let settings) = $0 { settings } else { nil }
        },
        kind(.throttle, AdaptiveThrottle.Configuration.section, isGate: true, make: { .throttle($0) }) {
            if case .throttle(let settings) = $0 { settings } else { nil }
        },
        kind(.shed, LoadShedder.Configuration.section, isGate: true, make: { .shed($0) }) {
            if case .shed(let settings) = $0 { settings } else { nil }
        },
        kind(.hedge, HedgeDefinition.section, make: { .hedge($0.configuration, sharedBudget: $0.budget.shared) }, at: \.budget.location) {
            if case .hedge(let settings, let shared) = $0 {
                HedgeDefinition(configuration: settings, budget: BudgetDefinition(configuration: settings.budget, shared: shared))
            } else {
                nil
            }
        },
        kind(.chaos, ChaosDefinition.section, make: { .chaos($0) }) {
            if case .chaos(let settings) = $0 { settings } else { nil }
        },
    ]

    /// How a document writes it: an object with the kind as the only key.
    static let form = Form<ElementDraft>(object.shape) { reader in
        if case .object(let members) = reader.node.value, members.contains(where: { $0.key == "fallback" }) {
            reader.fail("a fallback stands beside the pipeline, as the policy's own \"fallback\", not in it")
            return nil
        }
        return object.read(reader)
    } write: { draft, style in
        object.write(draft, style)
    }

    private static let object = Form<ElementDraft>.section(
        Section("one policy by its kind", name: "element", summary: "One policy of a pipeline: an object with its kind as the only key.") {
            Field.choice(kinds.map(\.alternative), \.self)
        } make: {
            $0
        })

    /// How a document writes what elements of a kind take over: any of its settings, under the kind.
    static let settingsShape = Shape.object(
        SectionShape(
            name: "defaults", summary: "Settings that elements of a kind take over: an object with the kind as the only key.",
            members: [
                .choice(
                    kinds.compactMap { kind in
                        guard case .object(let section)? = kind.shape else { return nil }
                        let field = FieldShape(
                            key: kind.name, shape: .settings(section), isRequired: true, fallback: nil, summary: section.summary)
                        return AlternativeShape(key: kind.name, fields: [field])
                    })
            ]))

    /// The kind's own settings and those that every element has.
    private static func kind<Settings: Sendable>(
        _ kind: PolicyKind, _ settings: Section<Settings>, isGate: Bool = false,
        make: @escaping @Sendable (Settings) -> PipelineElement.Settings, at budget: (@Sendable (Settings) -> SourceLocation)? = nil,
        match: @escaping @Sendable (PipelineElement.Settings) -> Settings?
    ) -> Kind {
        let own = Field<ElementDraft, Settings>.inline(settings) { match($0.settings)! }
        let draft: @Sendable (Located<String>?, Settings) -> ElementDraft = { name, settings in
            ElementDraft(name: name, settings: make(settings), budget: budget?(settings) ?? .code)
        }
        let (what, summary) = ("the settings of one \(kind)", settings.shape.summary)
        let section: Section<ElementDraft> =
            if kind == .circuitBreaker {
                Section(what, name: kind.rawValue, summary: summary) {
                    nameField
                    defaultsField
                    enabledField
                    sharedField
                    scopeField
                    own
                } make: {
                    var draft = draft($0, $5)
                    (draft.isEnabled, draft.shared, draft.scope) = ($2, $3, $4)
                    return draft
                }
            } else if isGate {
                Section(what, name: kind.rawValue, summary: summary) {
                    nameField
                    defaultsField
                    enabledField
                    sharedField
                    own
                } make: {
                    var draft = draft($0, $4)
                    (draft.isEnabled, draft.shared) = ($2, $3)
                    return draft
                }
            } else if kind == .chaos {
                // One that is off takes part all the same, so that it can be switched on: it has an `enabled` of its own.
                Section(what, name: kind.rawValue, summary: summary) {
                    nameField
                    defaultsField
                    own
                } make: {
                    draft($0, $2)
                }
            } else {
                Section(what, name: kind.rawValue, summary: summary) {
                    nameField
                    defaultsField
                    enabledField
                    own
                } make: {
                    var draft = draft($0, $3)
                    draft.isEnabled = $2
                    return draft
                }
            }
        let form = Form<ElementDraft>(.object(section.shape)) { reader in
            var draft = reader.unit(what) { object in
                reader.document.applyDefaults(to: object, kind: kind.rawValue)
                return section.read(object)
            }
            draft?.location = reader.location
            return draft
        } write: {
            .object(section.write($0, $1))
        }
        let alternative = Alternative<ElementDraft>(kind.rawValue, form, summary) {
            $0
        } match: {
            $0.settings.kind == kind ? $0 : nil
        }
        return Kind(name: kind.rawValue, alternative: alternative)
    }

    private static let nameField = Field<ElementDraft, Located<String>?>.optional(
        "name", .located(ElementNames.form), absent: "the kind, numbered from its second time on", \.name,
        "The element's name, which no other of the policy has.")
    private static let defaultsField = Field<ElementDraft, String?>.optional(
        "defaults", .text("the name of defaults"), absent: "none", \.defaults,
        "The name of `defaults` whose fields hold where the element gives none of its own.")
    private static let enabledField = Field<ElementDraft, Bool>.defaulted(
        "enabled", .bool, default: true, \.isEnabled, "Whether it takes part.")
    private static let sharedField = Field<ElementDraft, String?>.optional(
        "shared", .name("the name of a shared gate"), absent: "one of its own", \.shared,
        "All elements that give this name are one gate; their settings are the same.")
    private static let scopeField = Field<ElementDraft, PipelineElement.Scope>.defaulted(
        "scope", .word, default: .shared, \.scope,
        "One breaker for all servers, or one for each `endpoint` of a client; that one stands innermost, and is the same in all routed policies."
    )
}
