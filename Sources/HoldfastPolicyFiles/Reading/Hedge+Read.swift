import Holdfast

extension Hedge.Configuration {
    /// Reads the settings of a hedge; ranges are the core's business.
    static func read(_ object: ObjectReader) -> (configuration: Self, budget: BudgetDefinition)? {
        let maxExtra = object.optional("maxExtra")?.integer()
        let nonFatal = object.optional("nonFatal")?.failureSelector()
        let budget = BudgetDefinition.read(object.optional("budget"), standard: standardBudget)
        let after = object.required("after").flatMap(readDelay)
        guard let after, let budget else { return nil }
        let configuration = object.configuration { accepted throws(ConfigurationError) in
            try Self(
                after: accepted("after", after) ?? .fixed(.zero), maxExtra: accepted("maxExtra", maxExtra) ?? 1,
                budget: budget.configuration, nonFatal: nonFatal)
        }
        return configuration.map { ($0, budget) }
    }

    private static func readDelay(_ reader: ValueReader) -> Delay? {
        guard reader.isObject else { return reader.duration().map { .fixed($0) } }
        return reader.unit("a quantile and a number of samples") { object in
            let quantile = object.required("quantile")?.number()
            let minimumSamples = object.optional("minimumSamples").map { $0.integer() } ?? 100
            guard let quantile, let minimumSamples else { return nil }
            return .quantile(quantile, minimumSamples: minimumSamples)
        }
    }
}
