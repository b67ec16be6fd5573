import Holdfast

extension AdaptiveLimiter: ReplayedGate {
    func control(_ word: String) {
        reset()
    }

    func reconfigure(_ subject: TraceSubject) {
        guard case .adaptiveLimiter(let configuration) = subject else { return }
        reconfigure(configuration)
    }

    func report(_ call: CallAttributes, into line: inout ReplayLine) {
        line.add("limit", limit)
        line.add("inFlight", inFlight)
        line.add("permitsLeft", max(limit - inFlight, 0))
        line.add("queued", queued)
    }
}
