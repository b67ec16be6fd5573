import Foundation
package import HoldfastPolicyFiles

extension Scenario {
    /// Reads a scenario file.
    ///
    /// - Parameter parameters: What `${NAME}` stands for, in the scenario and in the policy files that it names; no others stand for
    ///   anything in the scenario, so that it runs alike on every machine.
    /// - Parameter methods: What is known of the methods that loads call; the requests of others are not looked at.
    /// - Throws: All that is wrong with the file, in order of position; or a parameter that nothing refers to.
    package static func load(
        path: String, parameters: [String: String] = [:], methods: [DemoMethod] = []
    ) throws(DocumentError) -> Scenario {
        let bytes = try DocumentReader.load(path: path)
        let scenario = try read(file: path, bytes: bytes, parameters: parameters, methods: methods)
        for name in parameters.keys.sorted() where !VariableReferences.occurs(name, in: bytes) {
            let files = Set(scenario.variants.flatMap(\.policyFiles))
            if files.contains(where: { PolicyOutline.refers(to: name, in: $0) }) { continue }
            throw DocumentError([
                Diagnostic(
                    file: path, message: "nothing refers to ${\(name)}, here or in the policy files; set what stands there")
            ])
        }
        return scenario
    }

    /// What the policy files take from the environment of this process, by the variables' names: a run anywhere else needs these as parameters.
    package var variablesOfEnvironment: [String: String] {
        let files = Set(variants.flatMap(\.policyFiles))
        return ProcessInfo.processInfo.environment.filter { name, _ in
            parameters[name] == nil && files.contains { PolicyOutline.refers(to: name, in: $0) }
        }
    }

    /// Reads a scenario.
    ///
    /// - Parameters:
    ///   - file: The path of the scenario: diagnostics name it, and paths in the scenario are relative to its folder.
    ///   - bytes: The document.
    ///   - parameters: What `${NAME}` stands for.
    ///   - methods: What is known of the methods that loads call; the requests of others are not looked at.
    ///   - policies: Looks into a policy file, whose elements and breakers the scenario names.
    /// - Throws: All that is wrong with it, in order of position.
    package static func read(
        file: String, bytes: [UInt8], parameters: [String: String] = [:], methods: [DemoMethod] = [],
        policies: PolicyOutline.Lookup? = nil
    ) throws(DocumentError) -> Scenario {
        let lookup = policies ?? PolicyOutline.lookup(parameters)
        // In a request `${i}` is the number of the call.
        var scenario = try DocumentReader.read(
            file: file, bytes: bytes, environment: PolicyEnvironment(parameters: parameters), literalKeys: ["request"]
        ) { root in
            root.object("version, name, services, load, phases, faults and assertions").flatMap { document in
                var reader = ScenarioReader(folder: ScenarioReader.folder(of: file), methods: methods, lookup: lookup)
                return reader.scenario(document)
            }
        }
        scenario.parameters = parameters
        return scenario
    }
}
