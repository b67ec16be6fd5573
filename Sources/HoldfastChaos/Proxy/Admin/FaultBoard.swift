import Holdfast
import HoldfastPolicyFiles

/// The faults that a proxy was given from outside, one by one. Lives on the proxy's event loop.
final class FaultBoard {
    /// Why something was not done, as HTTP says it.
    struct Refusal: Error {
        var status: Int
        var message: String
    }

    /// A fault, and the members of the object that it was given as.
    struct Entry {
        var fault: FaultSpec
        var members: [(String, JSONText)]
    }

    /// What a proxy takes; more cannot be meant.
    private static let mostFaults = 1_000

    private let core: ProxyCore
    private let start = TimeSource.system.now()
    private var entries: [Entry] = []

    init(_ core: ProxyCore) {
        self.core = core
    }

    /// All faults in force, in the order in which they act, with their hits.
    var list: JSONText {
        let hits = core.hits
        return .array(entries.map { description($0, hits) })
    }

    /// How often each fault hit, those included that were removed since the last reset.
    var hits: JSONText {
        .object(core.hits.sorted { $0.key < $1.key }.map { ($0.key, .integer($0.value)) })
    }

    func fault(_ id: String) throws(Refusal) -> JSONText {
        description(entries[try index(of: id)], core.hits)
    }

    /// Puts one more fault into force.
    func add(_ document: [UInt8]) throws(Refusal) -> JSONText {
        guard entries.count < Self.mostFaults else {
            throw Refusal(status: 409, message: "there are \(entries.count) faults; remove some")
        }
        let entry = try read(document, others: entries)
        if entries.contains(where: { $0.fault.id == entry.fault.id }) {
            throw Refusal(
                status: 409, message: "there is a fault \(quoted(entry.fault.id)) already; change it with PUT, or give another id")
        }
        try install(entries + [entry])
        return description(entry, core.hits)
    }

    /// Puts a fault into force in place of the one with that id.
    func change(_ id: String, _ document: [UInt8]) throws(Refusal) -> JSONText {
        let index = try index(of: id)
        var changed = entries
        changed.remove(at: index)
        let entry = try read(document, others: changed)
        guard entry.fault.id == id else {
            throw Refusal(status: 400, message: "the fault's id is \(quoted(entry.fault.id)), that of the address \(quoted(id)); give one")
        }
        changed.insert(entry, at: index)
        try install(changed)
        return description(entry, core.hits)
    }

    func remove(_ id: String) throws(Refusal) {
        var rest = entries
        rest.remove(at: try index(of: id))
        try install(rest)
    }

    /// Removes all faults, and forgets all hits.
    func reset() throws(Refusal) {
        try install([])
        core.ledger.reset()
    }

    private func install(_ entries: [Entry]) throws(Refusal) {
        let faults = entries.map(\.fault)
        do {
            try core.install(FaultPlan(seed: core.ledger.seed, faults: faults, active: Set(faults.map(\.id)), at: age))
        } catch {
            throw Refusal(status: 500, message: "\(error)")
        }
        self.entries = entries
    }

    private var age: Duration { start.duration(to: TimeSource.system.now()) }

    private func index(of id: String) throws(Refusal) -> Int {
        guard let index = entries.firstIndex(where: { $0.fault.id == id }) else {
            throw Refusal(status: 404, message: "there is no fault \(quoted(id))")
        }
        return index
    }

    private func read(_ document: [UInt8], others: [Entry]) throws(Refusal) -> Entry {
        do throws(DocumentError) {
            return try DocumentReader.read(file: "fault", bytes: document) { root in
                guard let object = root.object("id, kind, select and with") else { return nil }
                let members = object.peek.map { ($0.key, JSONText.raw($0.value.node.jsonText)) }
                let reader = ScenarioReader(folder: "", methods: []) { (_) throws(DocumentError) in
                    PolicyOutline(elements: [], breakers: [])
                }
                return reader.proxyFault(object, others: others.map(\.fault), at: age).map { Entry(fault: $0, members: members) }
            }
        } catch {
            throw Refusal(status: 400, message: "\(error)")
        }
    }

    private func description(_ entry: Entry, _ hits: [String: Int]) -> JSONText {
        .object(entry.members + [("hits", .integer(hits[entry.fault.id] ?? 0))])
    }
}
