import Holdfast

extension AdaptiveThrottle: ReplayedGate {
    /// The throttle's counts are of attempts that ended, whoever let them through.
    var countsUnasked: Bool { true }

    func reconfigure(_ subject: TraceSubject) {
        guard case .throttle(let configuration) = subject else { return }
        reconfigure(configuration)
    }

    func report(_ call: CallAttributes, into line: inout ReplayLine) {
        line.add("probability", probability)
    }
}
