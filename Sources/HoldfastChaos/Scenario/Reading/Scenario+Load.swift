package import HoldfastPolicyFiles

extension Scenario {
    /// Reads a scenario file.
    ///
    /// - Throws: All that is wrong with the file, in order of position.
    package static func load(path: String) throws(DocumentError) -> Scenario {
        try read(file: path, bytes: DocumentReader.load(path: path))
    }

    /// Reads a scenario.
    ///
    /// - Parameters:
    ///   - file: The path of the scenario: diagnostics name it, and paths in the scenario are relative to its folder.
    ///   - bytes: The document.
    ///   - policies: Looks into a policy file, whose elements and breakers the scenario names.
    /// - Throws: All that is wrong with it, in order of position.
    package static func read(
        file: String, bytes: [UInt8], policies: @escaping PolicyOutline.Lookup = PolicyOutline.load
    ) throws(DocumentError) -> Scenario {
        try DocumentReader.read(file: file, bytes: bytes) { root in
            root.object("version, name, services, load, phases, faults and assertions").flatMap { document in
                var reader = ScenarioReader(folder: ScenarioReader.folder(of: file), lookup: policies)
                return reader.scenario(document)
            }
        }
    }
}
