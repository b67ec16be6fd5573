import Holdfast

/// What limits the retries or hedges of an element, as its file describes it.
struct BudgetDefinition: Equatable, Sendable {
    /// The settings; nil for no limit.
    let configuration: RetryBudget.Configuration?
    /// The name under which it is one budget for all that name it; nil for one of its own.
    let shared: String?
    var location = SourceLocation.code

    private var limit: RetryBudget.Configuration { configuration ?? .standard }

    /// How a document writes it: an object, or null for no limit.
    static func form(_ settings: Section<RetryBudget.Configuration>) -> Form<BudgetDefinition> {
        let section = Section<BudgetDefinition>(settings.what, name: settings.shape.name, summary: settings.shape.summary) {
            Field.optional(
                "shared", .name("the name of a shared budget"), absent: "one of its own", \.shared,
                "All that give this name share one budget; their settings are the same."
            )
            Field.inline(settings, \.limit)
        } make: {
            BudgetDefinition(configuration: $1, shared: $0)
        }
        let object = Form.section(section)
        return Form(.anyOf([object.shape, .null("no limit")])) { reader in
            if reader.isNull { return BudgetDefinition(configuration: nil, shared: nil, location: reader.location) }
            return object.read(reader).map {
                BudgetDefinition(configuration: $0.configuration, shared: $0.shared, location: reader.location)
            }
        } write: { budget, style in
            budget.configuration == nil ? .null : object.write(budget, style)
        }
    }
}
