import Holdfast

extension RateLimiter: ReplayedGate {
    func reconfigure(_ subject: TraceSubject) {
        guard case .rateLimiter(let configuration) = subject else { return }
        reconfigure(configuration)
    }

    func report(into line: inout ReplayLine) {
        line.add("permitsLeft", available)
        line.add("queued", queued)
        line.add("nextFree", wait(for: 1))
    }
}
