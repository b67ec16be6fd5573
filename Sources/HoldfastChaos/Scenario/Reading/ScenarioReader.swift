import HoldfastPolicyFiles

/// Makes a scenario of a document; remembers what was read so far, because later parts name earlier ones.
struct ScenarioReader {
    /// The folder of the scenario file, with its closing slash; empty for the current one.
    let folder: String
    /// What is known of the methods that loads call.
    let methods: [DemoMethod]
    var timeline = PhaseTimeline([])
    /// Nil if it could not be read, which was reported.
    var engines: Scenario.Engines?
    var services: [ServiceSpec] = []
    /// The names that stand in the file, those of parts that could not be read included: what refers to them is not wrong too.
    private(set) var written = Written()
    /// What each policy file that a variant names holds; nil for one that cannot be used, which was reported.
    private(set) var outlines: [String: PolicyOutline?] = [:]
    private let lookup: PolicyOutline.Lookup

    struct Written {
        var phases: [String] = []
        var services: [String] = []
        var loads: [String] = []
        var assertions: [String] = []
    }

    init(folder: String, methods: [DemoMethod], lookup: @escaping PolicyOutline.Lookup) {
        self.folder = folder
        self.methods = methods
        self.lookup = lookup
    }

    /// Whether all that is called is Swift code.
    var isAllCode: Bool { !services.isEmpty && services.allSatisfy { $0.kind == .code } }

    /// Looks into a policy file; reports what is wrong with it at the first variant that names it.
    mutating func outline(of path: String, _ reader: ValueReader) -> PolicyOutline? {
        if let known = outlines[path] { return known }
        do {
            outlines[path] = .some(try lookup(path))
        } catch {
            for diagnostic in error.diagnostics where diagnostic.severity == .error { reader.fail(diagnostic.description) }
            outlines.updateValue(nil, forKey: path)
        }
        return outlines[path] ?? nil
    }

    static func folder(of file: String) -> String {
        file.lastIndex(of: "/").map { String(file[...$0]) } ?? ""
    }

    mutating func scenario(_ document: ObjectReader) -> Scenario? {
        _ = document.optional("$schema")?.string()
        if let version = document.required("version"), let number = version.integer(), number != 1 {
            version.fail("version \(number) is not one that this program reads; expected 1")
        }
        let name = document.required("name")?.identifier()
        let title = document.optional("title")?.string() ?? name ?? ""
        let seed = document.required("seed")?.integer(in: 0 ... .max)
        engines = document.required("time")?.oneOf(["real": Scenario.Engines.real, "virtual": .virtual, "both": .both])

        written = Written(
            phases: names(document, "phases", "name"), services: names(document, "services", "name"),
            loads: names(document, "load", "name"), assertions: names(document, "assertions", "id"))
        // In the order of what names what, not of the file.
        timeline = phases(document.required("phases"))
        services = list(document.required("services"), "services", key: \.name) { reader in service(reader) }
        let load = list(document.required("load"), "loads", key: \.name) { reader in self.load(reader) }
        let faults = faults(document.required("faults"))
        let assertionsReader = document.required("assertions")
        let assertions = list(assertionsReader, "assertions", key: \.id) { reader in assertion(reader) }
        assertionsReader.map { checkGates(assertions, $0) }
        let variants = list(document.required("variants"), "variants", key: \.name) { reader in
            variant(reader, assertions: assertions)
        }
        assertionsReader.map { checkBreakers($0, variants) }
        document.finish()

        guard let name, let seed, let engines else { return nil }
        return Scenario(
            name: name, title: title, seed: UInt64(seed), engines: engines, services: services, variants: variants, load: load,
            timeline: timeline, faults: faults, assertions: assertions)
    }

    /// The names that the elements of an array give themselves.
    private func names(_ document: ObjectReader, _ list: String, _ key: String) -> [String] {
        guard case .array(let elements)? = document.optional(list)?.node.value else { return [] }
        return elements.compactMap { element in
            guard case .object(let members) = element.value, case .string(let name)? = members.first(where: { $0.key == key })?.node.value
            else { return nil }
            return name
        }
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

    /// A breaker that an assertion names must be in the policy file of each variant, or in one that takes its place.
    private func checkBreakers(_ reader: ValueReader, _ variants: [Variant]) {
        let variants = variants.map { Array(Set($0.policyFiles)).sorted() }
            .map { paths in (paths.joined(separator: ", "), paths.map { outlines[$0] ?? nil }) }
            .sorted { $0.0 < $1.0 }
        guard case .array = reader.node.value else { return }  // that was reported
        for item in reader.array("assertions") ?? [] where item.isObject {
            guard let name = item.object("an assertion")?.optional("breaker"), case .string(let breaker) = name.node.value else { continue }
            var told: Set<String> = []
            for (paths, outlines) in variants {
                // What could not be used may have it.
                guard !outlines.isEmpty, !outlines.contains(nil) else { continue }
                let breakers = outlines.compactMap(\.self).flatMap(\.breakers)
                guard !breakers.contains(breaker), told.insert(paths).inserted else { continue }
                let advice = breakers.isEmpty ? "the file has no breaker" : "it has \(Spelling.list(breakers, or: "and"))"
                name.fail("there is no breaker \(quoted(breaker)) in \(paths); \(advice)")
            }
        }
    }

    private func checkGates(_ assertions: [AssertionSpec], _ reader: ValueReader) {
        // One that could not be read may name it.
        guard assertions.count >= written.assertions.count else { return }
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
