import Holdfast

/// A gate as a replay needs it, besides what every gate does.
protocol ReplayedGate: Gate {
    /// Where its events come out, and those of what it is made of.
    var eventSources: [EventSource] { get }
    /// Whether attempts count that never asked.
    var countsUnasked: Bool { get }
    /// Does what that word of a trace says.
    func control(_ word: String) async
    /// Puts new settings in force.
    func reconfigure(_ subject: TraceSubject) async
    /// What resources are short of from now on.
    func press(_ pressures: [Pressure: Double])
    /// Notes the state and the measures.
    /// - Parameter call: the call that asked last, for gates that tell calls apart.
    func report(_ call: CallAttributes, into line: inout ReplayLine)
    /// How long until a call that asks now, and may wait as long as it takes, has its permits; nil if that is not known.
    func wait(for call: CallAttributes) -> Duration?
}

extension ReplayedGate {
    var eventSources: [EventSource] { [eventSource] }
    var countsUnasked: Bool { false }

    func control(_ word: String) {}
    func press(_ pressures: [Pressure: Double]) {}
    func wait(for call: CallAttributes) -> Duration? { nil }
}
