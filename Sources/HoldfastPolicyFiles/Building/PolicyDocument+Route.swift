extension PolicyDocument {
    /// The route that serves a method, the most specific one; nil if none does.
    /// - Parameter method: `package.Service/Method`, with or without a slash before it.
    public func route(for method: String) -> RouteDefinition? { routes.serving(method) }
}

extension [RouteDefinition] {
    /// The most specific one that serves a method.
    func serving(_ method: String) -> RouteDefinition? {
        let name = method.hasPrefix("/") ? String(method.dropFirst()) : method
        guard case .method(let service, let method)? = RoutePattern(name) else { return nil }
        let patterns: [RoutePattern] = [.method(service: service, name: method), .service(service), .all]
        return patterns.lazy.compactMap { pattern in first { $0.pattern == pattern } }.first
    }
}
