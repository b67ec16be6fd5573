import Holdfast

extension CircuitBreaker: ReplayedGate {
    func control(_ word: String) {
        switch word {
        case "isolate": isolate()
        case "disable": disable()
        case "observe": observe()
        case "release": release()
        case "trip": trip()
        case "probe": probe()
        default: reset()
        }
    }

    func reconfigure(_ subject: TraceSubject) {
        guard case .circuitBreaker(let configuration) = subject else { return }
        reconfigure(configuration)
    }

    nonisolated func report(_ call: CallAttributes, into line: inout ReplayLine) {
        let snapshot = snapshot()
        line.add("state", snapshot.state.rawValue)
        line.add("calls", snapshot.calls)
        line.add("failed", snapshot.failed)
        line.add("slow", snapshot.slow)
        line.add("failureRate", snapshot.failureRate)
        line.add("slowRate", snapshot.slowRate)
        line.add("failuresInARow", snapshot.failuresInARow)
        line.add("openings", snapshot.openings)
        line.add("nextTry", snapshot.retryAfter)
        line.add("permitsLeft", snapshot.probesAvailable)
        line.add("explanation", snapshot.explanation)
    }
}
