/// A named stretch of the run.
package struct Phase: Sendable, Hashable {
    package var name: String
    /// Time from the start of the run.
    package var start: Duration
    package var end: Duration
    /// Whether its calls count in totals; a warm-up's do not.
    package var isMeasured: Bool
    /// Whether the run stops here as *not started* when the phase's assertions fail: the steady-state hypothesis.
    package var isGate: Bool

    package init(name: String, start: Duration, end: Duration, isMeasured: Bool = true, isGate: Bool = false) {
        self.name = name
        self.start = start
        self.end = end
        self.isMeasured = isMeasured
        self.isGate = isGate
    }
}
