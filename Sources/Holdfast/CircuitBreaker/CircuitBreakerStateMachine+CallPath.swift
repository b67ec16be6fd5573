/// What needs no decision, and so no lock; see ``ClosedPath``.
extension CircuitBreakerStateMachine {
    /// What the shell may do without asking, until the next event.
    func callPathRules() -> ClosedPath.Rules {
        var rules = ClosedPath.Rules(generation: generation, latest: latest)
        guard mode.isDeciding else { return rules }
        switch phase {
        case .open(_, let until):
            if mode == .automatic { rules.refusesUntil = until }
        case .halfOpen: break
        case .closed:
            let slowCalls = configuration.slowCalls
            if let slowCalls { rules.slowAfter = slowCalls.nanoseconds }
            guard rampEnd == nil, slowCalls?.countRunning != true else { break }
            rules.admits = true
            rules.countsUntil = window.steadyUntil
            rules.countsSuccesses = failuresInARow == 0 && successesDecideNothing
        }
        return rules
    }

    /// Whether successes, however many, leave the closed breaker closed: with enough calls recorded and each rate below its threshold they
    /// can only lower the rates, as long as nothing expires.
    private var successesDecideNothing: Bool {
        let counts = window.counts
        guard counts.total >= configuration.minimumCalls else { return false }
        let total = Double(counts.total)
        if let rate = configuration.failureRate, Double(counts.failed) / total >= rate { return false }
        if let rule = configuration.slowCalls, Double(counts.slow) / total >= rule.rate { return false }
        return true
    }

    /// Records successes that the shell counted while ``callPathRules()`` allowed it, the last of them at `reading` or before.
    mutating func record(successes: Int, _ reading: Instant) {
        _ = moveClock(reading)
        guard successes > 0 else { return }
        window.record(successes: successes)
        noteRecorded(successes)
    }
}
