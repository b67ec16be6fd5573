import Holdfast

extension Bulkhead: ReplayedGate {
    func reconfigure(_ subject: TraceSubject) {
        guard case .bulkhead(let configuration) = subject else { return }
        reconfigure(configuration)
    }

    func report(_ call: CallAttributes, into line: inout ReplayLine) {
        line.add("running", running)
        line.add("permitsLeft", available)
        line.add("queued", queued)
    }
}
