import Holdfast

/// Which faults are in force in a proxy, whom they hit, and how often they did. Belongs to the proxy's event loop.
final class FaultLedger {
    private(set) var plan: FaultPlan
    /// When it came into force: what grows and fades goes by it.
    private var since = TimeSource.system.now()
    private(set) var hits: [String: Int] = [:]
    /// What `nth`, `every` and `first` count, from the moment the fault came into force.
    private var seen: [String: Int] = [:]
    private let report: @Sendable (ProxyDecision) -> Void

    init(seed: UInt64, report: @escaping @Sendable (ProxyDecision) -> Void) {
        plan = FaultPlan(seed: seed)
        self.report = report
    }

    var seed: UInt64 { plan.seed }

    /// Puts other faults into force.
    /// - Returns: the ids of those that go on as they were.
    func install(_ plan: FaultPlan) -> Set<String> {
        let before = Set(self.plan.entries.map(\.withoutAge))
        let kept = Set(plan.entries.filter { before.contains($0.withoutAge) }.map(\.id))
        self.plan = plan
        since = TimeSource.system.now()
        seen = seen.filter { kept.contains($0.key) }
        return kept
    }

    /// Counts from nothing again, and forgets all hits.
    func reset() {
        seen = [:]
        hits = [:]
    }

    /// Whether a fault hits a connection or a part of it. To be asked once for each, as it may count.
    func chooses(_ entry: FaultPlan.Entry, connection: Int, part: ConnectionPart? = nil) -> Bool {
        switch entry.rule {
        case .all: return true
        case .share:
            let draw = FaultDraw.uniform(seed: plan.seed, key: entry.drawKey, connection: connection, part: part)
            return entry.isHit(by: draw, after: age)
        case .nth, .every, .first:
            seen[entry.id, default: 0] += 1
            return entry.rule.admits(seen[entry.id]!)
        }
    }

    /// The share of a fault's magnitude that holds now.
    func magnitude(_ entry: FaultPlan.Entry) -> Double { entry.magnitude(after: age) }

    private var age: Duration { since.duration(to: TimeSource.system.now()) }

    /// Chance for what a fault does, once it hits.
    func random(_ entry: FaultPlan.Entry, connection: Int, part: ConnectionPart?) -> KeyedRandom {
        let key = KeyedRandom(seed: plan.seed).keyed("magnitude").keyed(entry.id).keyed(connection)
        return part?.key(after: key) ?? key
    }

    /// Counts a hit and reports it.
    func hit(_ entry: FaultPlan.Entry, connection: Int?, part: ConnectionPart? = nil, _ what: String) {
        count(entry, 1)
        report(ProxyDecision(at: TimeSource.system.now(), fault: entry.id, connection: connection, part: part, what: what))
    }

    /// Counts hits that are only known as a number.
    func count(_ entry: FaultPlan.Entry, _ number: Int) {
        hits[entry.id, default: 0] += number
    }
}

extension FaultPlan.Entry {
    /// What the proxy does.
    var network: NetworkFault? {
        if case .network(let fault) = effect { fault } else { nil }
    }

    /// What it selects among; for one that selects nothing, what it works on.
    var unit: Selection.Unit {
        rule == .all ? network?.kind.units.first ?? per : per
    }
}
