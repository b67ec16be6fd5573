import Holdfast
import HoldfastRPC

/// Makes live policies of a document, each once however many routes lead to it.
///
/// What the document before it had as well is taken from there, with its state. Nothing of that changes until ``commit()``.
struct PolicyBuilder {
    private(set) var diagnostics: [Diagnostic] = []
    /// All that was made or taken over.
    private(set) var live = LivePolicies()

    private let document: PolicyDocument
    private let options: PolicyOptions
    private let previous: LivePolicies
    private let disabled: Set<String>
    private let enabled: Set<String>
    private var pipelines: [String: Pipeline] = [:]
    private var fallbacks: [String: LivePolicies.AnswerFallback] = [:]
    private var fallbackMetadata: [String: [String]] = [:]
    private var changes: [@Sendable () -> Void] = []

    init(document: PolicyDocument, options: PolicyOptions, keeping previous: LivePolicies = LivePolicies()) {
        self.document = document
        self.options = options
        self.previous = previous
        disabled = Set(options.disabled)
        enabled = Set(options.enabled)
    }

    mutating func build(_ policy: PolicyDefinition) {
        var stages: [Pipeline.Stage] = []
        // A breaker for each endpoint is the client's.
        for element in policy.pipeline where element.scope == .shared && takesPart(element.name, of: policy, element.isEnabled) {
            stage(element, of: policy).map { stages.append($0) }
        }
        pipelines[policy.name] = Pipeline(policy.name, stages, timeSource: options.timeSource)
        if let fallback = policy.fallback, takesPart(fallback.name, of: policy, fallback.isEnabled) { build(fallback, of: policy) }
    }

    /// The live policy of a route, once `build(_:)` has been called for its policy.
    func routePolicy(for route: RouteDefinition) -> RoutePolicy? {
        pipelines[route.policy].map { pipeline in
            RoutePolicy(
                name: route.policy, pipeline: pipeline, fallback: fallbacks[route.policy],
                fallbackMetadata: fallbackMetadata[route.policy] ?? [], isIdempotent: route.isIdempotent, criticality: route.criticality)
        }
    }

    /// Puts the new settings of what was taken over in force. None of that can fail.
    func commit() {
        for change in changes { change() }
    }

    private func takesPart(_ name: String, of policy: PolicyDefinition, _ isEnabled: Bool) -> Bool {
        let name = "\(policy.name)/\(name)"
        return (isEnabled || enabled.contains(name)) && !disabled.contains(name)
    }

    // MARK: Stages

    /// Nil if it cannot be made; what is wrong has been noted then.
    private mutating func stage(_ element: PipelineElement, of policy: PolicyDefinition) -> Pipeline.Stage? {
        let own = "\(policy.name)/\(element.name)"
        let key = element.shared.map { LivePolicies.Name.shared($0) } ?? .own(own)
        if element.shared != nil, let gate = live.elements[key] { return gate.stage }
        let budget = budget(of: element.settings)
        var injection: Chaos.Configuration?
        if case .chaos(let definition) = element.settings {
            injection = chaos(definition, own, of: policy)
            guard injection != nil else { return nil }
        }
        let value = (injection?.outcome?.value as? RPCResponse<[UInt8]>)?.message
        let stage: Pipeline.Stage
        let old = previous.elements[key]
        let following = old.flatMap { old in
            let isSame = element.settings.means(sameAs: old.settings) && value == old.value
            return old.stage.following(element.settings, from: old.settings, isSame: isSame, budget: budget, chaos: injection)
        }
        if let following {
            stage = following.stage
            following.change.map { changes.append($0) }
        } else {
            stage = element.settings.stage(element.shared ?? own, options, budget: budget, chaos: injection)
        }
        live.elements[key] = .init(stage: stage, settings: element.settings, value: value)
        return stage
    }

    /// The budget that a retry or hedge shares with others; nil for one that nobody shares.
    private mutating func budget(of settings: PipelineElement.Settings) -> RetryBudget? {
        guard let (name, configuration) = settings.sharedBudget else { return nil }
        if let budget = live.budgets[name] { return budget.budget }
        let old = previous.budgets[name]
        let budget = old?.budget ?? RetryBudget(configuration, timeSource: options.timeSource)
        if let old, old.configuration != configuration { changes.append { budget.reconfigure(configuration) } }
        live.budgets[name] = .init(budget: budget, configuration: configuration)
        return budget
    }

    private mutating func chaos(_ definition: ChaosDefinition, _ name: String, of policy: PolicyDefinition) -> Chaos.Configuration? {
        var configuration = Chaos.Configuration(isEnabled: definition.isEnabled || enabled.contains(name))
        configuration.latency = definition.latency
        do {
            if let fault = definition.fault {
                let error = ChaosFault(code: fault.code, policy: name, message: fault.message)
                configuration.fault = try .init(rate: fault.rate, error: error)
            }
            if let outcome = definition.outcome {
                guard let bytes = encoded(outcome.json, of: policy, at: outcome.location) else { return nil }
                configuration.outcome = try .init(rate: outcome.rate, value: RPCResponse(message: bytes, source: .main))
            }
        } catch {
            diagnostics.append(Diagnostic(file: document.file, message: "\(name): \(error)"))
            return nil
        }
        return configuration
    }

    // MARK: Fallbacks

    private mutating func build(_ definition: FallbackDefinition, of policy: PolicyDefinition) {
        let name = "\(policy.name)/\(definition.name)"
        let steps = definition.steps.compactMap { step(for: $0, of: policy) }
        guard steps.count == definition.steps.count else { return }  // what is wrong with the others has been noted
        let values = steps.compactMap { step in if case .value(let bytes) = step { bytes } else { nil } }
        do {
            let configuration = try LivePolicies.AnswerFallback.Configuration(
                steps, on: definition.on, singleFlight: definition.singleFlight)
            // What was kept by other metadata must serve nobody now.
            let old = previous.fallbacks[name].flatMap { ($0.definition.metadata ?? []) == (definition.metadata ?? []) ? $0 : nil }
            let fallback = old?.fallback ?? LivePolicies.AnswerFallback(name, configuration, timeSource: options.timeSource)
            if let old, old.values != values || !definition.means(sameAs: old.definition) {
                changes.append { fallback.reconfigure(configuration) }
            }
            live.fallbacks[name] = .init(fallback: fallback, definition: definition, values: values)
            fallbacks[policy.name] = fallback
            fallbackMetadata[policy.name] = (definition.metadata ?? []).sorted()
        } catch {
            diagnostics.append(Diagnostic(file: document.file, message: "\(name): \(error)"))
        }
    }

    private mutating func step(
        for step: FallbackDefinition.Step, of policy: PolicyDefinition
    ) -> LivePolicies.AnswerFallback.Step? {
        switch step.action {
        case .lastGood(let maxAge, let maxEntries):
            return .lastGood(maxAge: maxAge, maxEntries: maxEntries)
        case .handler(let name):
            if let handler = options.handlers[name] { return .handler(name, handler) }
            let advice = Spelling.advice(for: name, among: options.handlers.keys.sorted())
            diagnostics.append(step.location.error("no handler \(quoted(name)) is registered; \(advice)"))
            return nil
        case .target(let endpoint, let timeout):
            guard let client = options.targets[endpoint] else {
                let advice = Spelling.advice(for: endpoint, among: options.targets.keys.sorted())
                diagnostics.append(step.location.error("no target \(quoted(endpoint)) is registered; \(advice)"))
                return nil
            }
            return .target(endpoint, timeout: timeout) { key, call in
                let options = CallOptions(metadata: key.metadata, deadline: call.deadline)
                return try await client.unary(path: key.path, key.request, options: options).message
            }
        case .value(let json):
            return encoded(json, of: policy, at: step.location).map { .value($0) }
        }
    }

    /// The bytes of a response message, or nil, and what is wrong with it is noted.
    private mutating func encoded(_ json: String, of policy: PolicyDefinition, at location: SourceLocation) -> [UInt8]? {
        do {
            if let bytes = try PolicyDocument.encode(value: json, of: policy.name, document.routes, options.methods) { return bytes }
            diagnostics.append(
                location.error(
                    "cannot be encoded, because no unary method that this program knows is routed to \(quoted(policy.name))"))
        } catch {
            diagnostics.append(location.error(error.message))
        }
        return nil
    }
}
