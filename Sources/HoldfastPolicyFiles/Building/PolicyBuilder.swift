import Holdfast
import HoldfastRPC

/// Makes live policies of a document, each once however many routes lead to it.
struct PolicyBuilder {
    private(set) var diagnostics: [Diagnostic] = []

    private let document: PolicyDocument
    private let options: PolicyOptions
    private let disabled: Set<String>
    private let enabled: Set<String>
    private var pipelines: [String: Pipeline] = [:]
    private var fallbacks: [String: Fallback<RoutePolicy.FallbackKey, [UInt8]>] = [:]
    private var sharedGates: [String: any Gate] = [:]
    private var sharedBudgets: [String: RetryBudget] = [:]

    init(document: PolicyDocument, options: PolicyOptions) {
        self.document = document
        self.options = options
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

        guard let fallback = policy.fallback, takesPart(fallback.name, of: policy, fallback.isEnabled) else { return }
        let steps = fallback.steps.compactMap { step(for: $0, of: policy) }
        guard steps.count == fallback.steps.count else { return }  // what is wrong with the others has been noted
        do {
            fallbacks[policy.name] = Fallback(
                "\(policy.name)/\(fallback.name)", try .init(steps, on: fallback.on, singleFlight: fallback.singleFlight),
                timeSource: options.timeSource)
        } catch {
            diagnostics.append(Diagnostic(file: document.file, message: "\(policy.name)/\(fallback.name): \(error)"))
        }
    }

    /// The live policy of a route, once `build(_:)` has been called for its policy.
    func routePolicy(for route: RouteDefinition) -> RoutePolicy? {
        pipelines[route.policy].map { pipeline in
            RoutePolicy(
                name: route.policy, pipeline: pipeline, fallback: fallbacks[route.policy], isIdempotent: route.isIdempotent,
                criticality: route.criticality)
        }
    }

    private func takesPart(_ name: String, of policy: PolicyDefinition, _ isEnabled: Bool) -> Bool {
        let name = "\(policy.name)/\(name)"
        return (isEnabled || enabled.contains(name)) && !disabled.contains(name)
    }

    /// Nil if it cannot be made; what is wrong has been noted then.
    private mutating func stage(_ element: PipelineElement, of policy: PolicyDefinition) -> Pipeline.Stage? {
        if let shared = element.shared, let gate = sharedGates[shared] { return .gate(gate) }
        let name = element.shared ?? "\(policy.name)/\(element.name)"
        let (time, random) = (options.timeSource, options.random)
        let gate: any Gate
        switch element.settings {
        case .timeout(let configuration):
            return .timeout(Timeout(name, configuration, timeSource: time))
        case .retry(let configuration, let shared):
            let budget = budget(shared, configuration.budget)
            return .retry(Retry(name, configuration, budget: budget, timeSource: time, random: random))
        case .hedge(let configuration, let shared):
            return .hedge(Hedge(name, configuration, budget: budget(shared, configuration.budget), timeSource: time))
        case .chaos(let definition):
            return chaos(definition, name, of: policy).map { .chaos(Chaos(name, $0, timeSource: time, random: random)) }
        case .circuitBreaker(let configuration): gate = CircuitBreaker(name, configuration, timeSource: time, random: random)
        case .rateLimiter(let configuration): gate = RateLimiter(name, configuration, timeSource: time)
        case .bulkhead(let configuration): gate = Bulkhead(name, configuration, timeSource: time)
        case .adaptiveLimiter(let configuration): gate = AdaptiveLimiter(name, configuration, timeSource: time, random: random)
        case .throttle(let configuration): gate = AdaptiveThrottle(name, configuration, timeSource: time, random: random)
        case .shed(let configuration): gate = LoadShedder(name, configuration, timeSource: time)
        }
        if let shared = element.shared { sharedGates[shared] = gate }
        return .gate(gate)
    }

    /// The budget that goes by that name; nil for one that nobody shares.
    private mutating func budget(_ shared: String?, _ configuration: RetryBudget.Configuration?) -> RetryBudget? {
        guard let shared, let configuration else { return nil }
        if let budget = sharedBudgets[shared] { return budget }
        let budget = RetryBudget(configuration, timeSource: options.timeSource)
        sharedBudgets[shared] = budget
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

    private mutating func step(
        for step: FallbackDefinition.Step, of policy: PolicyDefinition
    ) -> Fallback<RoutePolicy.FallbackKey, [UInt8]>.Step? {
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
            if let bytes = try document.encode(value: json, of: policy.name, options.methods) { return bytes }
            diagnostics.append(
                location.error(
                    "cannot be encoded, because no unary method that this program knows is routed to \(quoted(policy.name))"))
        } catch {
            diagnostics.append(location.error(error.message))
        }
        return nil
    }
}
