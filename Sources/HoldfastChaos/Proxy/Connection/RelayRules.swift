/// What the faults in force do to one way of one connection.
struct RelayRules {
    /// Those that look at each read: latency, slices, flipped bits; in the order of the plan.
    var perRead: [FaultPlan.Entry] = []
    /// The slowest of those that say how many bytes a second pass.
    var rate: (entry: FaultPlan.Entry, bytesPerSecond: Int)?
    /// Those that end the connection after so many bytes.
    var limits: [FaultPlan.Entry] = []
    /// The longest of those that pass on an end later.
    var slowClose: (entry: FaultPlan.Entry, delay: Duration)?

    init() {}

    /// - Parameter entries: those that this connection was chosen by, or whose parts are yet to be.
    init(_ entries: [FaultPlan.Entry], flow: NetworkFault.Flow) {
        for entry in entries {
            switch entry.network {
            case .latency(_, let direction) where direction.covers(flow), .slice(_, _, _, let direction) where direction.covers(flow),
                .corrupt(_, let direction) where direction.covers(flow):
                perRead.append(entry)
            case .bandwidth(let bytesPerSecond, let direction) where direction.covers(flow):
                if rate.map({ bytesPerSecond < $0.bytesPerSecond }) ?? true { rate = (entry, bytesPerSecond) }
            case .limitBytes(_, let direction, _) where direction.covers(flow): limits.append(entry)
            case .slowClose(let delay, let direction) where direction.covers(flow):
                if slowClose.map({ delay > $0.delay }) ?? true { slowClose = (entry, delay) }
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
}
