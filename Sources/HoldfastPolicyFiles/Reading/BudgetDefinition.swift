import Holdfast

/// What limits the retries or hedges of an element, as its file describes it.
struct BudgetDefinition {
    /// The settings; nil for no limit.
    let configuration: RetryBudget.Configuration?
    /// The name under which it is one budget for all that name it; nil for one of its own.
    let shared: String?

    /// Reads the `budget` of a retry or a hedge.
    ///
    /// - Parameter standard: what holds where the file says nothing.
    static func read(_ reader: ValueReader?, standard: RetryBudget.Configuration) -> BudgetDefinition? {
        guard let reader else { return BudgetDefinition(configuration: standard, shared: nil) }
        if reader.isNull { return BudgetDefinition(configuration: nil, shared: nil) }
        return reader.unit("a share of the calls, or gRPC's throttle; null for no budget") { object in
            let shared = object.optional("shared")?.string("the name of a shared budget")
            return RetryBudget.Configuration.read(object, standard: standard).map {
                BudgetDefinition(configuration: $0, shared: shared)
            }
        }
    }
}
