import Holdfast
import HoldfastRPC

extension PolicyRegistry: CustomStringConvertible {
    /// What is in force, for people: the file and version, each policy with the settings in force, the routes, what the program overrides,
    /// and what is wrong with the file now.
    public nonisolated var description: String {
        let (state, routes) = (state, routes)
        var lines = ["\(state.document.file), version \(state.version)"]
        for policy in routes.all {
            lines.append("\(policy.pipeline)")
            if let fallback = policy.fallback { lines.append("  fallback \"\(fallback.name)\": \(fallback.summary)") }
        }
        lines += state.document.routes.map { route in
            "route \(route.pattern): \(route.policy), \(route.isIdempotent ? "idempotent" : "not idempotent"), \(route.criticality)"
        }
        let overridden = overridden
        if !overridden.isEmpty {
            lines.append("the program overrides:")
            lines += overridden.changes.map { "  \($0)" }
        }
        lines += options.disabled.map { "the program disables \($0)" } + options.enabled.map { "the program enables \($0)" }
        if let failure = state.failure { lines.append("the file is not in force as it is now:\n\(failure)") }
        return lines.joined(separator: "\n")
    }
}
