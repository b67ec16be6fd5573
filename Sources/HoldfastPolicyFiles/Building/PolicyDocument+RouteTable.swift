public import HoldfastRPC

extension PolicyDocument {
    /// Every element that can be disabled, as `policy/element`, in the order of the file.
    public var elementNames: [String] {
        policies.flatMap { policy in
            (policy.pipeline.map(\.name) + (policy.fallback.map { [$0.name] } ?? [])).map { "\(policy.name)/\($0)" }
        }
    }

    /// Makes live policies and the table of the routes that lead to them.
    ///
    /// Routes to one policy share its gates and its fallback; policies that name one `shared` gate share that.
    /// - Throws: ``DocumentError`` with a fallback value that fits no response, a handler that nobody registered, and
    ///   names to disable or enable that are not there.
    public func makeRouteTable(_ options: PolicyOptions = PolicyOptions()) throws(DocumentError) -> RouteTable {
        try build(options).routes
    }

    /// The same, with what can be kept of the live policies before.
    /// - Returns: the table, and the builder that made it: nothing that was kept has changed until its `commit()`.
    func build(
        _ options: PolicyOptions, keeping previous: LivePolicies = LivePolicies()
    ) throws(DocumentError) -> (routes: RouteTable, builder: PolicyBuilder) {
        try checkEndpointBreakers(options)
        var builder = PolicyBuilder(document: self, options: options, keeping: previous)
        let routed = Set(routes.map(\.policy))
        for policy in policies where routed.contains(policy.name) { builder.build(policy) }
        let diagnostics =
            unknownElements(options.disabled, to: "disable") + unknownElements(options.enabled, to: "enable") + builder.diagnostics
        guard diagnostics.isEmpty else { throw DocumentError(diagnostics) }

        var methods: [String: RoutePolicy] = [:]
        var services: [String: RoutePolicy] = [:]
        var rest: RoutePolicy?
        for route in routes {
            guard let policy = builder.routePolicy(for: route) else { continue }
            switch route.pattern {
            case .method(let service, let name): methods["/\(service)/\(name)"] = policy
            case .service(let service): services[service] = policy
            case .all: rest = policy
            }
        }
        return (RouteTable(methods: methods, services: services, rest: rest), builder)
    }

    private func unknownElements(_ names: [String], to purpose: String) -> [Diagnostic] {
        let known = elementNames
        return names.filter { !known.contains($0) }.map { name in
            let advice = Spelling.advice(for: name, among: known)
            return Diagnostic(file: file, message: "there is no element \(quoted(name)) to \(purpose); \(advice)")
        }
    }
}
