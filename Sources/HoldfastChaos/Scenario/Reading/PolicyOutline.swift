import Holdfast
package import HoldfastPolicyFiles

/// The names in a policy file that a scenario can refer to, as `policy/element`.
package struct PolicyOutline: Sendable, Hashable {
    /// Looks into the file at a path.
    package typealias Lookup = (_ path: String) throws(DocumentError) -> PolicyOutline

    /// All that a variant can disable.
    package var elements: [String]
    /// All whose states an assertion can follow.
    package var breakers: [String]

    package init(elements: [String], breakers: [String]) {
        self.elements = elements
        self.breakers = breakers
    }

    /// Looks into files in which `${NAME}` stands for these and for the environment's variables.
    static func lookup(_ parameters: [String: String]) -> Lookup {
        { path throws(DocumentError) in try load(path: path, parameters: parameters) }
    }

    /// Reads the policy file itself.
    package static func load(path: String, parameters: [String: String] = [:]) throws(DocumentError) -> PolicyOutline {
        let document = try PolicyDocument(path: path, environment: .process.setting(parameters))
        let breakers = document.policies.flatMap { policy in
            policy.pipeline.filter { $0.kind == .circuitBreaker }.map { "\(policy.name)/\($0.name)" }
        }
        return PolicyOutline(elements: document.elementNames, breakers: breakers)
    }

    /// Whether a policy file, or one of a folder, has a reference to that variable.
    static func refers(to name: String, in path: String) -> Bool {
        ((try? DocumentReader.load(paths: [path])) ?? []).contains { VariableReferences.occurs(name, in: $0.bytes) }
    }
}
