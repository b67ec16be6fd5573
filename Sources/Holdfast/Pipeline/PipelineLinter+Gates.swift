extension PipelineLinter {
    mutating func lintGates() {
        for stage in stages {
            switch stage.settings {
            case .rateLimiter(let limiter):
                lintBehind(stage, mayQueue: limiter.maxQueued > 0 && limiter.maxWait > .zero)
                lintAroundRetry(stage) { attempts, _ in "each call it lets through makes up to \(attempts) attempts" }
            case .bulkhead:
                lintHang(stage)
                lintAroundRetry(stage) { _, waits in "a call holds its permit during waits of up to \(Words.time(waits)), without work" }
            case .adaptiveLimiter:
                lintHang(stage)
            case .chaos(let chaos, let isEnabled):
                if isEnabled, let injections = chaos.injections {
                    add(
                        .chaosEnabled, .warning, [stage],
                        "\(stage.label) is enabled: it injects \(injections)",
                        "Real calls are broken on purpose. Disable it when the experiment is over.")
                }
            default: break
            }
        }
        lintSharing()
    }

    private mutating func lintHang(_ stage: Stage) {
        guard limit(around: stage) == nil, limit(inside: stage) == nil else { return }
        add(
            .permitHeldForever, .warning, [stage],
            "\(stage.label) has no timeout inside or around it: a call that hangs holds its permit for ever",
            "Hangs fill it up, and then it refuses everything, also after the service is back. Put a timeout inside it.")
    }

    private mutating func lintBehind(_ stage: Stage, mayQueue: Bool) {
        let breaker = inside(stage).first { if case .breaker(let breaker) = $0.settings { breaker.mode == .automatic } else { false } }
        guard let breaker else { return }
        add(
            .limiterOutsideBreaker, mayQueue ? .warning : .note, [stage, breaker],
            "\(stage.label) is outside \(breaker.label): calls that the open breaker refuses \(mayQueue ? "wait for and " : "")use up permits",
            "The service never sees those calls. Put the limiter inside the breaker, unless it is to limit the callers.")
    }

    private mutating func lintAroundRetry(_ stage: Stage, _ effect: (_ attempts: Int, _ waits: Int64) -> String) {
        let repeating = inside(stage).first { stage in
            if case .retry(let retry, _) = stage.settings { retry.mostAttempts > 1 } else { false }
        }
        guard let repeating, case .retry(let retry, _) = repeating.settings else { return }
        let waits = RetryTimeline(retry, attempt: 0).waits
        add(
            .gateOutsideRetry, .note, [stage, repeating],
            "\(stage.label) is outside \(repeating.label): \(effect(retry.mostAttempts, waits))",
            "It limits calls, not what the service sees. To limit that, put it inside the retry.")
    }

    private mutating func lintSharing() {
        var places: [ObjectIdentifier: [Stage]] = [:]
        var order: [ObjectIdentifier] = []
        for stage in stages {
            guard let gate = stage.policy as? any Gate else { continue }
            let id = ObjectIdentifier(gate)
            if places[id] == nil { order.append(id) }
            places[id, default: []].append(stage)
        }
        for id in order {
            guard let stages = places[id], stages.count > 1 else { continue }
            let positions = Words.list(stages.map { "[\($0.index)]" }, "and")
            let shortage = shortage(stages[0].settings, uses: stages.count)
            add(
                .sharedGate, shortage == nil ? .warning : .error, stages,
                "one \(stages[0].policy.kind) \"\(stages[0].policy.name)\" stands at \(positions): each call takes \(stages.count) permits of it"
                    + (shortage.map { ", but \($0)" } ?? ""),
                "Permits, quota and outcomes count several times for one attempt. Keep it at one place; policies of one kind that work apart need "
                    + "an instance each.")
        }
    }

    /// Why a gate can never give that many permits to one call.
    private func shortage(_ settings: Settings, uses: Int) -> String? {
        switch settings {
        case .bulkhead(let bulkhead) where bulkhead.maxConcurrent < uses:
            "only \(bulkhead.maxConcurrent) may run at once"
        case .breaker(let breaker) where breaker.halfOpen.probes < uses:
            "only \(Words.count(breaker.halfOpen.probes, "probe")) may run at once, so it never closes again"
        case .rateLimiter(let limiter) where limiter.maxQueued == 0 || limiter.maxWait == .zero:
            limiter.algorithm.mostAtOnce < uses ? "only \(Words.count(limiter.algorithm.mostAtOnce, "permit")) can be taken at once" : nil
        default: nil
        }
    }
}

extension RateLimiter.Configuration.Algorithm {
    fileprivate var mostAtOnce: Int {
        switch self {
        case .tokenBucket(_, _, let burst): burst
        case .slidingWindow(let permits, _), .fixedWindow(let permits, _): permits
        case .pacing: 1
        }
    }
}
