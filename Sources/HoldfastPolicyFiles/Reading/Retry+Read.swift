import Holdfast

extension Retry.Configuration {
    /// Reads the settings of a retry; ranges are the core's business.
    static func read(_ object: ObjectReader) -> (configuration: Self, budget: BudgetDefinition)? {
        let maxAttempts = object.optional("maxAttempts")?.integer()
        let backoff = object.section("backoff", "how the waits grow", Backoff.read)
        let on = object.optional("on")?.failureSelector()
        let rules = object.optional("rules")?.array("exceptions for single failures")?.compactMap { reader in
            reader.unit("the failures that the rule is for", readRule)
        }
        let retryAfterMax = object.optional("retryAfterMax")?.duration()
        let budget = BudgetDefinition.read(object.optional("budget"), standard: .standard)
        guard let budget else { return nil }
        let configuration = object.configuration { accepted throws(ConfigurationError) in
            try Self(
                maxAttempts: accepted("maxAttempts", maxAttempts) ?? 3, backoff: backoff ?? .standard,
                on: accepted("on", on) ?? standardFailures, rules: rules ?? [],
                retryAfterMax: accepted("retryAfterMax", retryAfterMax) ?? .seconds(30), budget: budget.configuration)
        }
        return configuration.map { ($0, budget) }
    }

    private static func readRule(_ object: ObjectReader) -> Rule? {
        let on = object.required("on")?.failureSelector()
        let maxAttempts = object.optional("maxAttempts")?.integer(in: 1...100)
        let backoff = object.section("backoff", "how the waits grow", Backoff.read)
        return on.map { Rule(on: $0, maxAttempts: maxAttempts, backoff: backoff) }
    }
}
