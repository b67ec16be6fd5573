import Holdfast

extension PolicyDefinition {
    /// The elements that take part.
    var enabledElements: [PipelineElement] { pipeline.filter(\.isEnabled) }

    /// A pipeline like the live one, to be asked what it would do: its stages are ``enabledElements``, called by their own names alone.
    ///
    /// It needs no methods and no handlers, so what a chaos policy would answer is left out; whether it is enabled is not.
    func model(_ options: PolicyOptions = PolicyOptions()) -> Pipeline {
        var gates: [String: Pipeline.Stage] = [:]
        var budgets: [String: RetryBudget] = [:]
        let stages = enabledElements.map { element in
            if let shared = element.shared, let gate = gates[shared] { return gate }
            var budget: RetryBudget?
            if let (name, configuration) = element.settings.sharedBudget {
                budget = budgets[name] ?? RetryBudget(configuration, timeSource: options.timeSource)
                budgets[name] = budget
            }
            let stage = element.settings.stage(element.name, options, budget: budget, chaos: element.settings.disturbance)
            if let shared = element.shared { gates[shared] = stage }
            return stage
        }
        return Pipeline(name, stages, timeSource: options.timeSource)
    }
}

extension PipelineElement.Settings {
    /// What a chaos policy injects, short of answers.
    fileprivate var disturbance: Chaos.Configuration? {
        guard case .chaos(let definition) = self else { return nil }
        var configuration = Chaos.Configuration(isEnabled: definition.isEnabled)
        configuration.latency = definition.latency
        // The rate has been checked when the document was read.
        configuration.fault = definition.fault.flatMap {
            try? .init(rate: $0.rate, error: ChaosFault(code: $0.code, policy: "chaos", message: $0.message))
        }
        return configuration
    }
}
