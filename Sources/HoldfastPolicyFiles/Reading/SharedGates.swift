import Holdfast

/// Makes sure that all who share a gate or a budget agree on what it is.
struct SharedGates {
    private let document: DocumentReader
    private var gates: [String: PipelineElement] = [:]
    private var budgets: [String: Located<RetryBudget.Configuration?>] = [:]

    init(_ document: DocumentReader) {
        self.document = document
    }

    /// Reports an element whose gate was described differently before.
    mutating func check(_ element: PipelineElement) {
        guard let shared = element.shared else { return }
        guard let other = gates[shared] else {
            gates[shared] = element
            return
        }
        guard other.settings != element.settings else { return }
        let place = other.location.words(from: element.location)
        document.report(
            at: element.location, "the settings differ from those of the same shared gate at \(place); give both the same")
    }

    /// Reports an element whose budget was described differently before.
    ///
    /// - Parameter location: where the budget stands.
    mutating func checkBudget(of settings: PipelineElement.Settings, at location: SourceLocation) {
        let (shared, configuration): (String?, RetryBudget.Configuration?) =
            switch settings {
            case .retry(let retry, let shared): (shared, retry.budget)
            case .hedge(let hedge, let shared): (shared, hedge.budget)
            default: (nil, nil)
            }
        guard let shared else { return }
        guard let other = budgets[shared] else {
            budgets[shared] = Located(value: configuration, location: location)
            return
        }
        guard other.value != configuration else { return }
        let place = other.location.words(from: location)
        document.report(at: location, "the settings differ from those of the same shared budget at \(place); give both the same")
    }
}
