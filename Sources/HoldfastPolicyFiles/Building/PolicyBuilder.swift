import Holdfast
import HoldfastRPC

/// Makes live policies of a document, each once however many routes lead to it.
struct PolicyBuilder {
    private(set) var diagnostics: [Diagnostic] = []

    private let document: PolicyDocument
    private let options: PolicyOptions
    private let disabled: Set<String>
    private var pipelines: [String: Pipeline] = [:]
    private var fallbacks: [String: Fallback<RoutePolicy.FallbackKey, [UInt8]>] = [:]
    private var sharedGates: [String: any Gate] = [:]

    init(document: PolicyDocument, options: PolicyOptions) {
        self.document = document
        self.options = options
        disabled = Set(options.disabled)
    }

    mutating func build(_ policy: PolicyDefinition) {
        var stages: [Pipeline.Stage] = []
        for element in policy.pipeline where element.isEnabled && !disabled.contains("\(policy.name)/\(element.name)") {
            stages.append(stage(element, of: policy))
        }
        pipelines[policy.name] = Pipeline(policy.name, stages, timeSource: options.timeSource)

        guard let fallback = policy.fallback, fallback.isEnabled, !disabled.contains("\(policy.name)/\(fallback.name)") else { return }
        let steps = fallback.steps.compactMap { step(for: $0, of: policy) }
        guard steps.count == fallback.steps.count else { return }  // what is wrong with the others has been noted
        do {
            fallbacks[policy.name] = Fallback(
                "\(policy.name)/\(fallback.name)", try .init(steps, on: fallback.on), timeSource: options.timeSource)
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

    private mutating func stage(_ element: PipelineElement, of policy: PolicyDefinition) -> Pipeline.Stage {
        if let shared = element.shared, let gate = sharedGates[shared] { return .gate(gate) }
        let name = element.shared ?? "\(policy.name)/\(element.name)"
        let gate: any Gate
        switch element.settings {
        case .timeout(let configuration):
            return .timeout(Timeout(name, configuration, timeSource: options.timeSource))
        case .circuitBreaker(let configuration):
            gate = CircuitBreaker(name, configuration, timeSource: options.timeSource, random: options.random)
        case .rateLimiter(let configuration):
            gate = RateLimiter(name, configuration, timeSource: options.timeSource)
        }
        if let shared = element.shared { sharedGates[shared] = gate }
        return .gate(gate)
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
        case .value(let json):
            do {
                if let bytes = try document.encode(value: json, of: policy.name, options.methods) { return .value(bytes) }
                diagnostics.append(
                    step.location.error(
                        "cannot be encoded, because no unary method that this program knows is routed to \(quoted(policy.name))"))
                return nil
            } catch {
                diagnostics.append(step.location.error(error.message))
                return nil
            }
        }
    }
}
