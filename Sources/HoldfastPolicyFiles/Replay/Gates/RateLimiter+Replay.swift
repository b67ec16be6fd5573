import Holdfast

extension RateLimiter: ReplayedGate {
    func reconfigure(_ subject: TraceSubject) {
        guard case .rateLimiter(let configuration) = subject else { return }
        reconfigure(configuration)
    }

    func report(_ call: CallAttributes, into line: inout ReplayLine) {
        let single = CallAttributes(weight: 1, method: call.method, peer: call.peer, metadata: call.metadata)
        line.add("permitsLeft", available(for: call))
        line.add("queued", queued)
        line.add("nextFree", expectedWait(for: single))
        line.add("keys", keys)
    }

    func wait(for call: CallAttributes) -> Duration? {
        expectedWait(for: call)
    }
}
