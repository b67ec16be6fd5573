import Holdfast

/// Drives one policy through the steps of a trace.
protocol Replay: AnyObject, Sendable {
    /// Lets one event happen, and notes what was decided about it.
    func perform(_ event: TraceEvent, into line: inout ReplayLine) async
    /// Notes the policy's state and what it reported since the step before.
    func report(into line: inout ReplayLine)
    /// Lets go of what still waits when the trace is over.
    func finish()
}

extension Replay {
    func finish() {}
}
