import HoldfastPolicyFiles

extension PolicyDocument {
    /// Refuses routes that lead nowhere: a name with a mistake in it protects nothing, and nobody would notice.
    /// - Parameters:
    ///   - methods: the paths that the document is for; at least one must have a route.
    ///   - known: the paths that there are, for a document that serves several purposes.
    func checkRoutes(to methods: [String], among known: [String]) throws(DocumentError) {
        let names = known.map { String($0.dropFirst()) }
        let expected = methods.map { String($0.dropFirst()) }.joined(separator: ", ")
        var diagnostics: [Diagnostic] = []
        for route in routes {
            let isKnown =
                switch route.pattern {
                case .all: true
                case .service(let service): names.contains { $0.hasPrefix("\(service)/") }
                case .method: names.contains(route.pattern.description)
                }
            guard !isKnown else { continue }
            diagnostics.append(route.location.error("there is no \(route.pattern) here: expected one of \(expected)"))
        }
        if diagnostics.isEmpty, let first = routes.first, methods.allSatisfy({ route(for: $0) == nil }) {
            diagnostics.append(first.location.error("none of the routes is for what the file was given for: expected \(expected)"))
        }
        guard diagnostics.isEmpty else { throw DocumentError(diagnostics) }
    }
}
