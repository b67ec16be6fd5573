import Holdfast

/// A retry and what limits it together with others.
struct RetryDefinition: Sendable {
    let configuration: Retry.Configuration
    let budget: BudgetDefinition
}

extension RetryDefinition: Sectioned {
    static let section = Section<Self>(
        "a retry's settings", name: "retry", summary: "Tries again what failed and may pass. What is further in is run for each attempt."
    ) {
        Field.defaulted(
            "maxAttempts", .integer(1...100), default: 3, \.configuration.maxAttempts, "How many attempts a call has, the first included."
        )
        Field.defaulted(
            "backoff", .section(Backoff.section), default: .standard, \.configuration.backoff, "How long to wait before another attempt."
        )
        Field.defaulted(
            "on", .realFailures, default: Retry.Configuration.standardFailures, \.configuration.on, "The failures that are retried.")
        Field.defaulted(
            "rules", .list(.section(rule), "exceptions for single failures"), default: [], \.configuration.rules,
            "Exceptions, asked in order before `on`; the first that picks a failure decides."
        )
        Field.defaulted(
            "retryAfterMax", .duration, default: .seconds(30), \.configuration.retryAfterMax,
            "The longest wait that a service's wish to stay away is honoured for."
        )
        Field.defaulted(
            "budget", BudgetDefinition.form(RetryBudget.Configuration.section),
            default: BudgetDefinition(configuration: .standard, shared: nil),
            \.budget, "What limits the retries of all calls together.")
    } make: { maxAttempts, backoff, on, rules, retryAfterMax, budget throws(ConfigurationError) in
        try Self(
            configuration: .init(
                maxAttempts: maxAttempts, backoff: backoff, on: on, rules: rules, retryAfterMax: retryAfterMax, budget: budget.configuration
            ),
            budget: budget)
    }

    private static let rule = Section<Retry.Configuration.Rule>(
        "the failures that the rule is for", make: Retry.Configuration.Rule.init(on:maxAttempts:backoff:)
    ) {
        Field.required("on", .realFailures, standIn: Retry.Configuration.standardFailures, \.on, "The failures the rule is for.")
        Field.optional(
            "maxAttempts", .integer(1...100), absent: "as for any other", \.maxAttempts,
            "How many attempts a call has that fails so; 1 for no retry."
        )
        Field.optional("backoff", .section(Backoff.section), absent: "as for any other", \.backoff, "How long to wait.")
    }
}
