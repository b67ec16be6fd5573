import Holdfast

/// Makes sure that all who share a gate or a budget agree on what it is.
struct SharedGates {
    private var gates: [String: PipelineElement] = [:]
    private var budgets: [String: (configuration: RetryBudget.Configuration?, location: SourceLocation)] = [:]

    /// Reports an element whose gate was described differently before.
    mutating func check(_ element: PipelineElement, at reader: ValueReader) {
        guard let shared = element.shared else { return }
        guard let other = gates[shared] else {
            gates[shared] = element
            return
        }
        guard other.settings != element.settings else { return }
        let place = "\(other.location.path) on line \(other.location.position.line)"
        reader.fail("the settings differ from those of the same shared gate at \(place); give both the same")
    }

    /// Reports a budget that was described differently before.
    /// - Returns: the name under which it is shared; nil if it is not.
    mutating func check(_ budget: BudgetDefinition, in element: ObjectReader) -> String? {
        guard let shared = budget.shared, let reader = element.optional("budget") else { return nil }
        guard let other = budgets[shared] else {
            budgets[shared] = (budget.configuration, reader.location)
            return shared
        }
        if other.configuration != budget.configuration {
            let place = "\(other.location.path) on line \(other.location.position.line)"
            reader.fail("the settings differ from those of the same shared budget at \(place); give both the same")
        }
        return shared
    }
}
