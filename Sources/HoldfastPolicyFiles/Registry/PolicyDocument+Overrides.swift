import Holdfast

extension PolicyDocument {
    /// The document with what the program decides in place of what the file says, in the order of the overrides.
    /// - Throws: ``DocumentError`` with each override that finds no element of its kind, or makes settings out of range.
    func applying(_ overrides: [PolicyOverride]) throws(DocumentError) -> PolicyDocument {
        guard !overrides.isEmpty else { return self }
        var policies = policies
        var diagnostics: [Diagnostic] = []
        for override in overrides {
            guard let (policy, index) = policies.place(of: override.element) else {
                let names = policies.flatMap { policy in policy.pipeline.map { "\(policy.name)/\($0.name)" } }
                let advice = Spelling.advice(for: override.element, among: names)
                diagnostics.append(
                    Diagnostic(file: file, message: "there is no element \(quoted(override.element)) to override; \(advice)"))
                continue
            }
            let element = policies[policy].pipeline[index]
            do throws(ConfigurationError) {
                guard let settings = try override.change(element.settings) else {
                    let message = "is a \(element.kind), but the program overrides \(quoted(override.element)) as a \(override.kind)"
                    diagnostics.append(element.location.error(message))
                    continue
                }
                policies.replace(element, of: policy, index, with: settings)
            } catch {
                diagnostics.append(element.location.error("the program's override of it is wrong: \(error)"))
            }
        }
        guard diagnostics.isEmpty else { throw DocumentError(diagnostics) }
        return PolicyDocument(self, policies: policies)
    }

    private init(_ document: PolicyDocument, policies: [PolicyDefinition]) {
        paths = document.paths
        self.policies = policies
        routes = document.routes
        warnings = document.warnings
    }
}

extension [PolicyDefinition] {
    /// Where `policy/element` stands.
    fileprivate func place(of name: String) -> (policy: Int, element: Int)? {
        for (index, policy) in enumerated() where name.hasPrefix("\(policy.name)/") {
            let element = name.dropFirst(policy.name.count + 1)
            return policy.pipeline.firstIndex { $0.name == element }.map { (index, $0) }
        }
        return nil
    }

    /// Gives an element other settings, and with a shared gate all that share it.
    fileprivate mutating func replace(
        _ element: PipelineElement, of policy: Int, _ index: Int, with settings: PipelineElement.Settings
    ) {
        guard let shared = element.shared else { return self[policy] = self[policy].replacing(index, with: settings) }
        for policy in indices {
            for (index, other) in self[policy].pipeline.enumerated() where other.shared == shared {
                self[policy] = self[policy].replacing(index, with: settings)
            }
        }
    }
}

extension PolicyDefinition {
    fileprivate func replacing(_ index: Int, with settings: PipelineElement.Settings) -> PolicyDefinition {
        var pipeline = pipeline
        let old = pipeline[index]
        pipeline[index] = PipelineElement(
            name: old.name, settings: settings, isEnabled: old.isEnabled, shared: old.shared, scope: old.scope, location: old.location)
        return PolicyDefinition(name: name, pipeline: pipeline, fallback: fallback, location: location)
    }
}
