extension PipelineLinter {
    private static let noteAbove: Int64 = 10_000_000_000
    private static let warnAbove: Int64 = 60_000_000_000

    mutating func lintBreakers() {
        var previous: (stage: Stage, breaker: CircuitBreaker.Configuration)?
        for stage in stages {
            switch stage.settings {
            case .breaker(let breaker):
                lintMode(stage, breaker)
                lintRules(stage, breaker)
                lintTimes(stage, breaker)
                lintProbes(stage, breaker)
                lintPlace(stage)
                if let previous, previous.stage.policy as? CircuitBreaker !== stage.policy as? CircuitBreaker {
                    lintCompany(stage, breaker, previous.stage, previous.breaker)
                }
                previous = (stage, breaker)
            case .retry, .hedge:
                // What is further in sees attempts of its own.
                previous = nil
            default: break
            }
        }
    }

    private mutating func lintMode(_ stage: Stage, _ breaker: CircuitBreaker.Configuration) {
        let effect: String
        switch breaker.mode {
        case .automatic: return
        case .isolated: effect = "refuses every call"
        case .disabled: effect = "refuses no call and records nothing"
        case .observing: effect = "refuses no call and only reports what it would do"
        }
        add(
            .breakerIsHeld, breaker.mode == .isolated ? .warning : .note, [stage],
            "\(stage.label) is \(breaker.mode.rawValue): it \(effect)",
            "That is for operators, and easily forgotten. Set the state back to automatic.")
    }

    private mutating func lintRules(_ stage: Stage, _ breaker: CircuitBreaker.Configuration) {
        if breaker.failureRate == nil, breaker.consecutiveFailures == nil, breaker.slowCalls == nil {
            add(
                .neverOpens, .warning, [stage],
                "\(stage.label) has neither a failure rate, nor consecutive failures, nor a rate of slow calls to open at",
                "It opens only by hand. Give it one of the three.")
        }
        let names = [
            breaker.failureRate == 0 ? "failureRate" : nil, breaker.slowCalls?.rate == 0 ? "slowCalls.rate" : nil,
        ].compactMap { $0 }
        for name in names {
            add(
                .opensOnSuccess, .error, [stage],
                "\(stage.label) opens after \(Words.count(breaker.minimumCalls, "call")), even if all succeed: its \(name) is 0",
                "A rate is reached when the share is equal to it, and no failures are a share of 0. Give a rate above 0.")
        }
        if breaker.consecutiveFailures == nil, case .time(let window, _) = breaker.window,
            let rate = breaker.failureRate ?? breaker.slowCalls?.rate
        {
            let notices = Int64(saturating: (Double(window.nanoseconds) * rate).rounded())
            guard notices > Self.noteAbove else { return }
            add(
                .noticesLate, notices > Self.warnAbove ? .warning : .note, [stage],
                "\(stage.label) notices a total outage after \(Words.time(notices)): \(Words.percent(rate)) of its window of \(Words.time(window))",
                "Under steady traffic the good calls from before the outage keep the rate down that long, and shorter outages are never noticed. Take "
                    + "a shorter window or a lower rate, or let some failures in a row open it too (consecutiveFailures).")
        }
    }

    private mutating func lintTimes(_ stage: Stage, _ breaker: CircuitBreaker.Configuration) {
        guard let longest = longest(past: stage) else { return }
        if let slowCalls = breaker.slowCalls, slowCalls.over.nanoseconds >= longest {
            add(
                .slowCallsNeverCount, .warning, [stage],
                "\(stage.label) counts calls over \(Words.time(slowCalls.over)) as slow, but a timeout ends them after \(Words.time(longest))",
                "A call fails before it is slow, so the rule never counts one that succeeds. Take a threshold below the timeout.")
        }
        if let lease = breaker.halfOpen.lease, lease.nanoseconds < longest {
            add(
                .leaseTooShort, .note, [stage],
                "\(stage.label) gives a probe up after \(Words.time(lease)), but it may take \(Words.time(longest)) and still succeed",
                "A service that is back but slow keeps the breaker open. Take a lease as long as a call may take.")
        }
    }

    private mutating func lintProbes(_ stage: Stage, _ breaker: CircuitBreaker.Configuration) {
        guard breaker.failureRate != nil || breaker.slowCalls != nil else { return }
        guard breaker.halfOpen.probes > 10, breaker.halfOpen.probes > 4 * breaker.minimumCalls else { return }
        add(
            .probesAboveMinimum, .note, [stage],
            "\(stage.label) asks for \(breaker.halfOpen.probes) probes to close, but opens on \(Words.count(breaker.minimumCalls, "call"))",
            "It stays half-open, and refuses calls, for longer than the verdict is worth. A few probes tell whether the service is back.")
    }

    private mutating func lintPlace(_ stage: Stage) {
        let repeating = inside(stage).first { stage in
            if case .retry(let retry, _) = stage.settings { retry.mostAttempts > 1 } else { false }
        }
        guard let repeating, case .retry(let retry, _) = repeating.settings else { return }
        add(
            .breakerOutsideRetry, .note, [stage, repeating],
            "\(stage.label) is outside \(repeating.label): it sees 1 outcome for up to \(retry.mostAttempts) attempts",
            "It opens later, and the attempts of a call go on while the service is down. Inside the retry it counts each attempt, and an open one "
                + "ends the retrying.")
    }

    private mutating func lintCompany(
        _ stage: Stage, _ breaker: CircuitBreaker.Configuration, _ outer: Stage, _ outerBreaker: CircuitBreaker.Configuration
    ) {
        guard breaker.classification == outerBreaker.classification else { return }
        let isSame = breaker == outerBreaker
        add(
            .breakersCountTheSame, isSame ? .warning : .note, [stage, outer],
            "\(stage.label) and \(outer.label) count the same attempts\(isSame ? " by the same settings" : "")",
            "Whichever opens hides the failures from the other. One breaker can have a rate, a row of failures and slow calls together.")
    }
}
