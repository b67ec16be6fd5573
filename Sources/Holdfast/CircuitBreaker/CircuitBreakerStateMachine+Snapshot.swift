extension CircuitBreakerStateMachine {
    /// Counters and state at that time.
    mutating func snapshot(_ reading: Instant, random: inout some RandomNumberGenerator) -> CircuitBreaker.Snapshot {
        let state = state(reading, random: &random)
        let counts: OutcomeWindow.Counts
        let rated: Bool
        if case .halfOpen(let probes) = phase {
            // What was recorded before says nothing about the service now; the probes decide, and no rate before they have.
            counts = OutcomeWindow.Counts(total: probes.completed, failed: probes.failed, slow: probes.slow)
            rated = false
        } else {
            counts = window.counts
            rated = counts.total >= configuration.minimumCalls
        }
        var snapshot = CircuitBreaker.Snapshot(
            state: state, calls: counts.total, failed: counts.failed, slow: counts.slow,
            failureRate: rated ? Double(counts.failed) / Double(counts.total) : nil,
            slowRate: rated ? Double(counts.slow) / Double(counts.total) : nil,
            failuresInARow: failuresInARow, openings: openings, staleResults: staleResults)
        switch phase {
        case .closed: break
        case .open(_, let until): snapshot.retryAfter = max(latest.duration(to: until), .zero)
        case .halfOpen(let probes): snapshot.probesAvailable = probes.available
        }
        snapshot.explanation = explain(snapshot)
        return snapshot
    }

    private func explain(_ snapshot: CircuitBreaker.Snapshot) -> String {
        switch mode {
        case .isolated: return "isolated: every call is refused until somebody gives control back"
        case .disabled: return "disabled: no call is refused and nothing is recorded"
        case .automatic, .observing: break
        }
        let prefix = mode == .observing ? "observing, would be " : ""
        switch phase {
        case .closed:
            return prefix + "closed: " + explainClosed(snapshot).joined(separator: "; ")
        case .open:
            // To a millisecond, and not before its time.
            let (milliseconds, rest) = (snapshot.retryAfter ?? .zero).nanoseconds.quotientAndRemainder(dividingBy: 1_000_000)
            return prefix + "open: \(lastTripped); next try in \(Duration.milliseconds(milliseconds + rest.signum()))"
        case .halfOpen(let probes):
            return prefix
                + "half-open: \(probes.completed) of \(probes.count) probes back, \(probes.failed) failed, \(probes.running) under way"
        }
    }

    /// What was counted, beside every limit that it could reach.
    private func explainClosed(_ snapshot: CircuitBreaker.Snapshot) -> [String] {
        var parts: [String] = []
        let hasRates = configuration.failureRate != nil || configuration.slowCalls != nil
        if hasRates, snapshot.failureRate == nil {
            parts.append("\(snapshot.calls) of \(configuration.minimumCalls) calls needed before the rate counts")
            parts.append("\(snapshot.failed) failed")
            if configuration.slowCalls != nil { parts.append("\(snapshot.slow) slow") }
        } else {
            let rate = snapshot.failureRate.map { rate in
                " (\(percent(rate))" + (configuration.failureRate.map { ", opens at \(percent($0))" } ?? "") + ")"
            }
            parts.append("\(snapshot.failed) of \(snapshot.calls) calls failed" + (hasRates ? rate ?? "" : ""))
            if let rule = configuration.slowCalls, let rate = snapshot.slowRate {
                parts.append("\(snapshot.slow) took over \(rule.over) (\(percent(rate)), opens at \(percent(rule.rate)))")
            }
        }
        if let limit = configuration.consecutiveFailures {
            parts.append("\(snapshot.failuresInARow) failed in a row, opens at \(limit)")
        }
        if let rampEnd, rampEnd > latest {
            parts.append("refuses some for \(latest.duration(to: rampEnd)) more, fewer and fewer, since it has closed only lately")
        }
        return parts
    }

    private func percent(_ rate: Double) -> String {
        let tenths = Int((rate * 1000).rounded())
        return tenths % 10 == 0 ? "\(tenths / 10) %" : "\(tenths / 10).\(tenths % 10) %"
    }
}
