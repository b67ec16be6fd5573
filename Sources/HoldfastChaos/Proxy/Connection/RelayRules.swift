/// What the faults in force do to one way of one connection.
struct RelayRules {
    /// Those that look at each read: latency, slices, flipped bits; in the order of the plan.
    var perRead: [FaultPlan.Entry] = []
    /// Those that say how many bytes a second pass.
    var rates: [(entry: FaultPlan.Entry, bytesPerSecond: Int)] = []
    /// Those that end the connection after so many bytes.
    var limits: [FaultPlan.Entry] = []
    /// Those that pass on an end later.
    var slowCloses: [(entry: FaultPlan.Entry, delay: Duration)] = []

    init() {}

    /// - Parameter entries: those that this connection was chosen by, or whose parts are yet to be.
    init(_ entries: [FaultPlan.Entry], flow: NetworkFault.Flow) {
        for entry in entries {
            switch entry.network {
            case .latency(_, let direction) where direction.covers(flow), .slice(_, _, _, let direction) where direction.covers(flow),
                .corrupt(_, let direction) where direction.covers(flow):
                perRead.append(entry)
            case .bandwidth(let bytesPerSecond, let direction) where direction.covers(flow):
                rates.append((entry, bytesPerSecond))
            case .limitBytes(_, let direction, _) where direction.covers(flow): limits.append(entry)
            case .slowClose(let delay, let direction) where direction.covers(flow):
                slowCloses.append((entry, delay))
            default: break
            }
        }
    }

    /// Whether anything of it passes on what was read later than it came.
    var delays: Bool {
        perRead.contains { entry in
            switch entry.network {
            case .latency, .slice: true
            default: false
            }
        }
    }

    /// The slowest rate now; nil for none. A fault at half of its magnitude lets twice as much pass, one at none everything.
    func rate(_ ledger: FaultLedger) -> (entry: FaultPlan.Entry, bytesPerSecond: Double)? {
        rates.map { ($0.entry, Double($0.bytesPerSecond) / ledger.magnitude($0.entry)) }
            .filter { $0.1.isFinite }.min { $0.1 < $1.1 }
    }

    /// The longest delay of an end now; nil for none.
    func slowClose(_ ledger: FaultLedger) -> (entry: FaultPlan.Entry, delay: Duration)? {
        slowCloses.map { ($0.entry, $0.delay.scaled(to: ledger.magnitude($0.entry))) }.max { $0.1 < $1.1 }
    }
}
