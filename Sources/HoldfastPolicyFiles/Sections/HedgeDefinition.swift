import Holdfast

/// A hedge and what limits it together with others.
struct HedgeDefinition: Sendable {
    let configuration: Hedge.Configuration
    let budget: BudgetDefinition
}

extension HedgeDefinition: Sectioned {
    static let section = Section<Self>(
        "a hedge's settings", name: "hedge", summary: "Asks once more when an answer is slow, and takes the first good one."
    ) {
        Field.required(
            "after", delay, standIn: .fixed(.zero), \.configuration.after,
            "How long an attempt goes unanswered before the next one starts beside it."
        )
        Field.defaulted("maxExtra", .integer(1...10), default: 1, \.configuration.maxExtra, "How many attempts may start beside the first.")
        Field.optional(
            "nonFatal", .failures, absent: "all that do not blame the caller", \.configuration.nonFatal,
            "The failures after which the call still waits for other attempts."
        )
        Field.defaulted(
            "budget", BudgetDefinition.form(RetryBudget.Configuration.makeSection(name: "hedgeBudget", ratio: 0.1)),
            default: BudgetDefinition(configuration: Hedge.Configuration.standardBudget, shared: nil), \.budget,
            "What limits the hedges of all calls together.")
    } make: { after, maxExtra, nonFatal, budget throws(ConfigurationError) in
        try Self(
            configuration: .init(after: after, maxExtra: maxExtra, budget: budget.configuration, nonFatal: nonFatal), budget: budget)
    }

    private static let delay = Form<Hedge.Configuration.Delay>.either(
        .duration,
        or: Section<Hedge.Configuration.Delay>("a quantile and a number of samples") {
            Field.required("quantile", .number(.between(0, 1)), standIn: 0.5, \.share, "As long as that share of the calls took lately.")
            Field.defaulted(
                "minimumSamples", .integer(1...1_000_000), default: 100, \.minimumSamples,
                "No hedge before so many calls were measured.")
        } make: {
            .quantile($0, minimumSamples: $1)
        }
    ) {
        .fixed($0)
    } match: {
        if case .fixed(let delay) = $0 { delay } else { nil }
    }
}

extension Hedge.Configuration.Delay {
    fileprivate var share: Double {
        if case .quantile(let share, _) = self { share } else { 0.5 }
    }

    fileprivate var minimumSamples: Int {
        if case .quantile(_, let minimumSamples) = self { minimumSamples } else { 100 }
    }
}
