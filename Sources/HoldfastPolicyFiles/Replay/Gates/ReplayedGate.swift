import Holdfast

/// A gate as a replay needs it, besides what every gate does.
protocol ReplayedGate: Gate {
    /// Does what that word of a trace says.
    func control(_ word: String) async
    /// Puts new settings in force.
    func reconfigure(_ subject: TraceSubject) async
    /// Notes the state and the measures.
    func report(into line: inout ReplayLine)
    /// How long until a call of that weight that asks now, and may wait as long as it takes, has its permit; nil if that is not known.
    func wait(for permits: Int) -> Duration?
    /// Whether attempts count that never asked.
    var countsUnasked: Bool { get }
}

extension ReplayedGate {
    func control(_ word: String) {}
    func wait(for permits: Int) -> Duration? { nil }
    var countsUnasked: Bool { false }
}
