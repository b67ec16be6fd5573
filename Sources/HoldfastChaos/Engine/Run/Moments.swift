import Holdfast

/// What is to happen at which moment of a run, in order: a gate is judged before anything that begins at its end, a fault ends
/// before another begins, and one that begins meets the policies of that moment.
enum Moments {
    enum Happening {
        case gateEnds(Phase)
        case faultEnds(FaultSpec)
        case phaseBegins(Phase)
        case policiesReload(PolicyReload)
        case faultBegins(FaultSpec)
        /// A fault that strikes time and again does so once more.
        case faultRepeats(FaultSpec)

        fileprivate var rank: Int {
            switch self {
            case .gateEnds: 0
            case .faultEnds: 1
            case .phaseBegins: 2
            case .policiesReload: 3
            case .faultBegins: 4
            case .faultRepeats: 5
            }
        }
    }

    static func of(_ scenario: Scenario, _ variant: Variant) -> [(at: Duration, what: Happening)] {
        var moments: [(at: Duration, what: Happening)] = []
        for phase in scenario.timeline.phases {
            moments.append((phase.start, .phaseBegins(phase)))
            if phase.isGate { moments.append((phase.end, .gateEnds(phase))) }
        }
        moments += variant.reloads.map { ($0.at.offset, .policiesReload($0)) }
        for fault in scenario.faults {
            moments.append((fault.start, .faultBegins(fault)))
            moments.append((fault.end, .faultEnds(fault)))
            guard case .processRestart(_, let interval?) = fault.kind else { continue }
            var next = fault.start + interval
            while next < fault.end {
                moments.append((next, .faultRepeats(fault)))
                next += interval
            }
        }
        return moments.enumerated()
            .sorted { ($0.element.at, $0.element.what.rank, $0.offset) < ($1.element.at, $1.element.what.rank, $1.offset) }
            .map(\.element)
    }
}
