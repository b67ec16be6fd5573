public import Holdfast
public import HoldfastRPC

extension PolicyDocument {
    /// The breaker that a client makes for each of its endpoints, which breakers of the scope `endpoint` describe; nil if there is none.
    ///
    /// A client picks the endpoint of a call by these breakers, all calls by the same. So every policy that a route leads to has the same
    /// one; calls without a route pass it too.
    /// - Throws: ``DocumentError`` at each breaker that is not that of all routes.
    public func endpointBreaker(_ options: PolicyOptions = PolicyOptions()) throws(DocumentError) -> CircuitBreaker.Configuration? {
        let breakers = endpointBreakers(options)
        guard let first = breakers.first, case .circuitBreaker(let configuration) = first.element.settings else { return nil }
        let routed = Set(routes.map(\.policy))
        let without = policies.filter { policy in routed.contains(policy.name) && !breakers.contains { $0.policy == policy.name } }
        var diagnostics: [Diagnostic] = []
        if !without.isEmpty {
            let names = Spelling.list(without.map(\.name), or: "and")
            diagnostics = breakers.map {
                $0.element.location.error(
                    "a client has one breaker for each endpoint, for the calls of all routes, but \(names) \(without.count == 1 ? "has" : "have") none; "
                        + "give every policy with a route the same, or \"scope\": \"shared\"")
            }
        }
        for other in breakers.dropFirst() where other.element.settings != first.element.settings {
            diagnostics.append(
                other.element.location.error(
                    "a client has one breaker for each endpoint, for the calls of all routes, and this one differs from "
                        + "\(first.element.location.words(from: other.element.location)); give both the same, or \"scope\": \"shared\""))
        }
        guard diagnostics.isEmpty else { throw DocumentError(diagnostics) }
        return configuration
    }

    /// Refuses breakers that nobody would make.
    func checkEndpointBreakers(_ options: PolicyOptions) throws(DocumentError) {
        guard !options.makesEndpointBreakers else { return }
        let diagnostics = endpointBreakers(options).map {
            $0.element.location.error(
                "a breaker for each endpoint is made by clients only (RPCClient.Configuration.apply); here give \"scope\": \"shared\"")
        }
        guard diagnostics.isEmpty else { throw DocumentError(diagnostics) }
    }

    /// The breakers that take part in policies that routes lead to.
    private func endpointBreakers(_ options: PolicyOptions) -> [(policy: String, element: PipelineElement)] {
        let routed = Set(routes.map(\.policy))
        return policies.filter { routed.contains($0.name) }.flatMap { policy in
            policy.pipeline.filter { element in
                let name = "\(policy.name)/\(element.name)"
                let takesPart = (element.isEnabled || options.enabled.contains(name)) && !options.disabled.contains(name)
                return element.scope == .endpoint && takesPart
            }.map { (policy.name, $0) }
        }
    }
}

extension RPCClient.Configuration {
    /// Takes the policies of a document, and the breaker for each endpoint if it has one.
    /// - Throws: ``DocumentError`` with all that is wrong with it.
    public mutating func apply(_ document: PolicyDocument, _ options: PolicyOptions = PolicyOptions()) throws(DocumentError) {
        var options = options
        options.makesEndpointBreakers = true
        endpointBreaker = try document.endpointBreaker(options) ?? endpointBreaker
        policies = try document.makeRouteTable(options)
    }
}
