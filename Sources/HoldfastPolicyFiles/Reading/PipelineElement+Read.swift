import Holdfast

extension PipelineElement {
    private static let kinds = ["timeout", "circuitBreaker", "rateLimiter"]
    private static let laterKinds = ["retry", "bulkhead", "adaptiveLimiter", "throttle", "shed", "hedge", "chaos"]

    /// Reads one element of a pipeline, an object with the kind as its only key.
    static func read(_ reader: ValueReader, names: inout ElementNames, sharedGates: inout SharedGates) -> PipelineElement? {
        guard let object = reader.object("one policy by its kind") else { return nil }
        if case .object(let members) = reader.node.value, members.contains(where: { $0.key == "fallback" }) {
            reader.fail("a fallback stands beside the pipeline, as the policy's own \"fallback\", not in it")
            return nil
        }
        let choice = object.exactlyOne(of: kinds, unsupported: laterKinds)
        object.finish(unsupported: laterKinds)
        guard let choice else { return nil }
        let body = choice.value
        let kind = PolicyKind(rawValue: choice.key)
        return body.unit("the settings of one \(kind)", unsupported: laterFields(of: kind)) { object in
            let name = names.name(object.optional("name"), of: kind, at: body)
            let isEnabled = object.optional("enabled")?.bool() ?? true
            // A timeout has no state to share.
            let shared = kind == .timeout ? nil : object.optional("shared")?.string("the name of a shared gate")
            guard let settings = readSettings(of: kind, object) else { return nil }
            let element = PipelineElement(
                name: name, settings: settings, isEnabled: isEnabled, shared: shared, location: body.location)
            sharedGates.check(element, at: body)
            return element
        }
    }

    private static func readSettings(of kind: PolicyKind, _ object: ObjectReader) -> Settings? {
        switch kind {
        case .timeout: Timeout.Configuration.read(object).map(Settings.timeout)
        case .circuitBreaker: CircuitBreaker.Configuration.read(object).map(Settings.circuitBreaker)
        default: RateLimiter.Configuration.read(object).map(Settings.rateLimiter)
        }
    }

    private static func laterFields(of kind: PolicyKind) -> [String] {
        switch kind {
        case .timeout: ["idle"]
        default: []
        }
    }
}
