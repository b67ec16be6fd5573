import Holdfast

extension PolicyDocument {
    /// What is doubtful about the document although it can be used (S82), in the order of the file: doubtful orders and sizes of each
    /// policy's elements (``Holdfast/Pipeline/lint()``), routes under which they cannot act, signals that somebody must report, and answers
    /// that may reach others than they were for.
    public func lint() -> [PolicyFinding] {
        let routes = Dictionary(grouping: routes, by: \.policy)
        return policies.flatMap {
            lintPipeline($0) + lintRoutes(routes[$0.name] ?? [], of: $0) + $0.lintSignals() + $0.lintAnswers()
        }.sortedByPlace
    }

    private func lintPipeline(_ policy: PolicyDefinition) -> [PolicyFinding] {
        let elements = policy.enabledElements
        return policy.model().lint().map { lint in
            // A lint about the whole pipeline stands at its first element.
            let element = elements[lint.stages.first ?? 0]
            return PolicyFinding(
                lint.level, element.location.error(lint.problem).as(lint.level), rule: lint.rule.rawValue, explanation: lint.explanation)
        }
    }

    /// Whether something in the policy can act under no route that leads to it.
    private func lintRoutes(_ routes: [RouteDefinition], of policy: PolicyDefinition) -> [PolicyFinding] {
        guard !routes.isEmpty, routes.allSatisfy({ !$0.isIdempotent }) else { return [] }
        return policy.enabledElements.compactMap { element in
            let effect: String
            switch element.settings {
            case .retry(let retry, _) where retry.maxAttempts > 1: effect = "tries again only what the server has not seen"
            case .hedge: effect = "never starts another attempt"
            default: return nil
            }
            return PolicyFinding(
                .warning,
                element.location.error("\(element.name) \(effect): no route to \(quoted(policy.name)) is idempotent").as(.warning),
                rule: "notIdempotent",
                explanation:
                    "A call may run twice only if its route says so. Give the routes whose methods may run twice \"idempotent\": true, or "
                    + "leave the element out.")
        }
    }
}

extension [PolicyFinding] {
    /// In the order of the files' names, and of each file.
    var sortedByPlace: [PolicyFinding] {
        // The sort is stable, so findings at one place keep the order in which they were made.
        sorted { first, second in
            let (first, second) = (first.diagnostic, second.diagnostic)
            return (first.file, first.line, first.column) < (second.file, second.line, second.column)
        }
    }
}

extension Diagnostic {
    /// The same finding, as grave as that.
    func `as`(_ level: PipelineLint.Level) -> Diagnostic {
        var diagnostic = self
        diagnostic.severity = level == .error ? .error : .warning
        return diagnostic
    }
}
