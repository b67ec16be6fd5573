/// What a debug port says of its policies, for people.
struct PolicyListing: Decodable {
    struct Document: Decodable {
        let file: String
        let version: Int
        let fingerprint: String
        let since: String
        let refusedChanges: Int
        let failure: String?
    }

    struct Policy: Decodable {
        struct Route: Decodable {
            let methods: String
        }

        let source: String
        let name: String
        let routes: [Route]
        let elements: [Element]
    }

    struct Element: Decodable {
        struct State: Decodable {
            let explanation: String?
        }

        let name: String
        let kind: String
        let summary: String
        let counters: [String: Int]
        let state: State
    }

    struct Controller: Decodable {
        let source: String
        let name: String
        let explanation: String
    }

    let service: String
    let documents: [Document]
    let policies: [Policy]
    let controllers: [Controller]

    /// All of it in lines.
    var text: String {
        var lines = documents.map { document in
            let refused = document.refusedChanges == 0 ? "" : ", \(document.refusedChanges) changes refused"
            return "\(document.file): version \(document.version) (\(document.fingerprint)) since \(document.since)\(refused)"
                + (document.failure.map { "\nnot in force as it is now:\n\($0)" } ?? "")
        }
        let hasSources = Set(policies.map(\.source) + controllers.map(\.source)).count > 1
        for policy in policies {
            let routes = policy.routes.isEmpty ? "" : " (\(policy.routes.map(\.methods).joined(separator: ", ")))"
            lines.append("\n\(policy.name)\(routes)\(hasSources ? " of \(policy.source)" : "")")
            lines += policy.elements.map { "  \($0.text)" }
        }
        lines += controllers.map { "\n\($0.name)\(hasSources ? " of \($0.source)" : ""): \($0.explanation)" }
        if policies.isEmpty, controllers.isEmpty { lines.append("\(service) has no policies") }
        return lines.joined(separator: "\n")
    }
}

extension PolicyListing.Element {
    /// The element in a line.
    var text: String {
        let counters = counters.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
        return "\(name): \(state.explanation ?? summary)" + (counters.isEmpty ? "" : " [\(counters)]")
    }
}
