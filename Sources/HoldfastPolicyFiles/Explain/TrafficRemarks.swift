import Holdfast

/// What latencies and rates mean for the elements of a policy.
///
/// Of the latencies nothing is assumed but what the quantiles say: at most so many in a hundred take longer.
enum TrafficRemarks {
    static func of(_ policy: PolicyDefinition, _ traffic: PolicyExplanation.Traffic) -> [String] {
        policy.enabledElements.compactMap { element in
            remark(element.settings, traffic).map { "\(element.name) \($0)" }
        }
    }

    private static func remark(_ settings: PipelineElement.Settings, _ traffic: PolicyExplanation.Traffic) -> String? {
        switch settings {
        case .timeout(let timeout): return share(above: timeout.after, traffic).map { "cuts off \($0) of the answers" }
        case .hedge(let hedge, _):
            guard case .fixed(let delay) = hedge.after else { return nil }
            return share(above: delay, traffic).map { "starts another attempt for \($0) of the calls" }
        case .circuitBreaker(let breaker):
            guard let slowCalls = breaker.slowCalls, let share = share(above: slowCalls.over, traffic) else { return nil }
            return "counts \(share) of the answers as slow, and opens at \(Words.percent(slowCalls.rate))"
        case .bulkhead(let bulkhead): return room(for: bulkhead.maxConcurrent, traffic)
        case .rateLimiter(let limiter): return quota(limiter, traffic)
        case .adaptiveLimiter(let limiter): return room(for: limiter.maximum, traffic)
        case .retry, .throttle, .shed, .chaos: return nil
        }
    }

    /// How many in a hundred answers take longer.
    private static func share(above time: Duration, _ traffic: PolicyExplanation.Traffic) -> String? {
        guard let p50 = traffic.p50, let p99 = traffic.p99 else { return nil }
        if time >= p99 { return "at most 1 %" }
        return time >= p50 ? "1 % to 50 %" : "at least 50 %"
    }

    /// Little's law: calls at once are calls a second times how long each takes.
    private static func room(for places: Int, _ traffic: PolicyExplanation.Traffic) -> String? {
        guard let p50 = traffic.p50, let p99 = traffic.p99 else { return nil }
        let rates = [p50, p99].map { Words.number((Double(places) / $0.seconds).rounded(.down)) }
        var text = "has room for \(rates[0]) calls a second of \(Words.time(p50)) (p50) each, or \(rates[1]) of \(Words.time(p99)) (p99)"
        if let callsPerSecond = traffic.callsPerSecond {
            let needed = [p50, p99].map { Words.number((callsPerSecond * $0.seconds).rounded(.up)) }
            text += "; \(Words.number(callsPerSecond)) a second need \(needed[0]) to \(needed[1]) of its \(places) places"
        }
        return text
    }

    private static func quota(_ limiter: RateLimiter.Configuration, _ traffic: PolicyExplanation.Traffic) -> String? {
        guard let callsPerSecond = traffic.callsPerSecond else { return nil }
        let (permits, per) =
            switch limiter.algorithm {
            case .tokenBucket(let permits, let per, _): (permits, per)
            case .slidingWindow(let permits, let per), .fixedWindow(let permits, let per), .pacing(let permits, let per): (permits, per)
            }
        let rate = Double(permits) / per.seconds
        let key = limiter.key == .none ? "" : " with one key"
        guard callsPerSecond > rate else {
            return "lets \(Words.number(callsPerSecond)) calls a second\(key) pass: it gives \(Words.number(rate))"
        }
        return
            "refuses \(Words.percent(1 - rate / callsPerSecond)) of \(Words.number(callsPerSecond)) calls a second\(key) in the long run: it gives "
            + Words.number(rate)
    }
}
