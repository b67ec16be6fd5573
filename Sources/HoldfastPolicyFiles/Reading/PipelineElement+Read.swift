import Holdfast

extension PipelineElement {
    private static let kinds = [
        "timeout", "retry", "circuitBreaker", "rateLimiter", "bulkhead", "adaptiveLimiter", "throttle", "shed", "hedge", "chaos",
    ]
    /// What has a state that several policies can share.
    private static let gates: Set<PolicyKind> = [
        .circuitBreaker, .rateLimiter, .bulkhead, .adaptiveLimiter, .throttle, .shed,
    ]

    /// Reads one element of a pipeline, an object with the kind as its only key.
    static func read(_ reader: ValueReader, names: inout ElementNames, sharedGates: inout SharedGates) -> PipelineElement? {
        guard let object = reader.object("one policy by its kind") else { return nil }
        if case .object(let members) = reader.node.value, members.contains(where: { $0.key == "fallback" }) {
            reader.fail("a fallback stands beside the pipeline, as the policy's own \"fallback\", not in it")
            return nil
        }
        let choice = object.exactlyOne(of: kinds)
        object.finish()
        guard let choice else { return nil }
        let body = choice.value
        let kind = PolicyKind(rawValue: choice.key)
        return body.unit("the settings of one \(kind)") { object in
            let name = names.name(object.optional("name"), of: kind, at: body)
            // A chaos policy that is off takes part all the same, so that it can be switched on.
            let isEnabled = kind == .chaos || object.optional("enabled")?.bool() ?? true
            let shared = gates.contains(kind) ? object.optional("shared")?.string("the name of a shared gate") : nil
            guard let settings = readSettings(of: kind, object, &sharedGates) else { return nil }
            let element = PipelineElement(
                name: name, settings: settings, isEnabled: isEnabled, shared: shared, location: body.location)
            sharedGates.check(element, at: body)
            return element
        }
    }

    private static func readSettings(of kind: PolicyKind, _ object: ObjectReader, _ shared: inout SharedGates) -> Settings? {
        switch kind {
        case .timeout: return Timeout.Configuration.read(object).map(Settings.timeout)
        case .retry:
            guard let (configuration, budget) = Retry.Configuration.read(object) else { return nil }
            return .retry(configuration, sharedBudget: shared.check(budget, in: object))
        case .circuitBreaker: return CircuitBreaker.Configuration.read(object).map(Settings.circuitBreaker)
        case .rateLimiter: return RateLimiter.Configuration.read(object).map(Settings.rateLimiter)
        case .bulkhead: return Bulkhead.Configuration.read(object).map(Settings.bulkhead)
        case .adaptiveLimiter: return AdaptiveLimiter.Configuration.read(object).map(Settings.adaptiveLimiter)
        case .throttle: return AdaptiveThrottle.Configuration.read(object).map(Settings.throttle)
        case .shed: return LoadShedder.Configuration.read(object).map(Settings.shed)
        case .hedge:
            guard let (configuration, budget) = Hedge.Configuration.read(object) else { return nil }
            return .hedge(configuration, sharedBudget: shared.check(budget, in: object))
        default: return ChaosDefinition.read(object).map(Settings.chaos)
        }
    }
}
