import HoldfastPolicyFiles

/// Makes a scenario of a document; remembers what was read so far, because later parts name earlier ones.
struct ScenarioReader {
    /// The folder of the scenario file, with its closing slash; empty for the current one.
    let folder: String
    var timeline = PhaseTimeline([])
    var services: [ServiceSpec] = []
    var loadNames: [String] = []

    init(folder: String) {
        self.folder = folder
    }

    static func folder(of file: String) -> String {
        file.lastIndex(of: "/").map { String(file[...$0]) } ?? ""
    }

    mutating func scenario(_ document: ObjectReader) -> Scenario? {
        _ = document.optional("$schema")?.string()
        _ = document.required("version")?.integer(in: 1...1)
        let name = document.required("name")?.identifier()
        let title = document.optional("title")?.string() ?? name ?? ""
        let seed = document.required("seed")?.integer(in: 0 ... .max)
        _ = document.required("time")?.choice(["real": true, "both": true], unsupported: ["virtual"])

        // In the order of what names what, not of the file.
        timeline = phases(document.required("phases"))
        services = list(document.required("services"), "services", key: \.name) { reader in service(reader) }
        let load = list(document.required("load"), "loads", key: \.name) { reader in self.load(reader) }
        loadNames = load.map(\.name)
        let faults = faults(document.required("faults"))
        let assertionsReader = document.required("assertions")
        let assertions = list(assertionsReader, "assertions", key: \.id) { reader in assertion(reader) }
        assertionsReader.map { checkGates(assertions, $0) }
        let variants = list(document.required("variants"), "variants", key: \.name) { reader in
            variant(reader, assertions: assertions)
        }
        document.finish()

        guard let name, let seed else { return nil }
        return Scenario(
            name: name, title: title, seed: UInt64(seed), services: services, variants: variants, load: load, timeline: timeline,
            faults: faults, assertions: assertions)
    }

    /// The readable elements of an array that is not empty; those with a name that stood before are reported.
    func list<Element>(
        _ reader: ValueReader?, _ what: String, mayBeEmpty: Bool = false, key: KeyPath<Element, String>,
        _ read: (ValueReader) -> Element?
    ) -> [Element] {
        guard let reader, let items = reader.array(what) else { return [] }
        if items.isEmpty, !mayBeEmpty { reader.fail("the list is empty; give at least one of the \(what)") }
        var elements: [Element] = []
        for item in items {
            guard let element = read(item) else { continue }
            if elements.contains(where: { $0[keyPath: key] == element[keyPath: key] }) {
                item.fail("\(quoted(element[keyPath: key])) stands twice among the \(what); give each a name of its own")
            }
            elements.append(element)
        }
        return elements
    }

    private func checkGates(_ assertions: [AssertionSpec], _ reader: ValueReader) {
        for phase in timeline.phases where phase.isGate {
            let isChecked = assertions.contains { assertion in
                guard assertion.role == .gate, case .metric(_, _, phase.name) = assertion.check else { return false }
                return true
            }
            if !isChecked {
                reader.fail("the phase \(quoted(phase.name)) is a gate, but no assertion with the role \"gate\" names it")
            }
        }
    }
}
