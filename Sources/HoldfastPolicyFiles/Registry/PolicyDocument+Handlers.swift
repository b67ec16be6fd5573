import Holdfast
import HoldfastRPC

extension PolicyDocument {
    /// Refuses what cannot stand around the handlers of a server; see `ServerPolicies`.
    ///
    /// - Parameter routes: the document's policies, as the program has them.
    /// - Throws: ``DocumentError`` with each such element, where it stands.
    func checkHandlers(_ routes: RouteTable) throws(DocumentError) {
        let routed = Dictionary(routes.all.map { ($0.name, $0) }) { first, _ in first }
        var diagnostics: [Diagnostic] = []
        for policy in policies {
            guard let live = routed[policy.name] else { continue }
            let repeating = live.pipeline.stages.filter { stage in
                switch stage {
                case .retry, .hedge: true
                case .gate, .timeout, .chaos: false
                }
            }
            let names = Set(repeating.map(\.policy.name))
            for element in policy.pipeline where names.contains("\(policy.name)/\(element.name)") {
                diagnostics.append(
                    element.location.error(
                        "a \(element.kind) cannot stand around a handler, which runs once; put it around the client's call"))
            }
            if let fallback = policy.fallback, live.fallback != nil {
                diagnostics.append(
                    fallback.location.error("a fallback cannot stand around a handler; put it around the client's call"))
            }
        }
        guard diagnostics.isEmpty else { throw DocumentError(diagnostics) }
    }
}
