import Holdfast

extension PipelineElement {
    /// All settings as a file would spell them, with those of the element itself.
    var fields: [PolicyField] {
        var fields = PolicyFields()
        if kind != .chaos { fields.add("enabled", isEnabled) }
        if isGate { fields.add("shared", shared) }
        if kind == .circuitBreaker { fields.add("scope", scope.rawValue) }
        settings.add(to: &fields)
        return fields.list
    }

    private var isGate: Bool {
        switch settings {
        case .circuitBreaker, .rateLimiter, .bulkhead, .adaptiveLimiter, .throttle, .shed: true
        case .timeout, .retry, .hedge, .chaos: false
        }
    }
}

extension PipelineElement.Settings {
    /// Whether both make calls behave the same; the formatting of an injected answer and its place in the file do not count.
    func means(sameAs other: Self) -> Bool {
        guard case .chaos(let one) = self, case .chaos(let two) = other else { return self == other }
        return one.fault == two.fault && one.latency == two.latency && one.isEnabled == two.isEnabled
            && one.outcome?.rate == two.outcome?.rate
            && one.outcome.map { JSONNode.canonical($0.json) } == two.outcome.map { JSONNode.canonical($0.json) }
    }

    func add(to fields: inout PolicyFields) {
        switch self {
        case .timeout(let timeout): Self.add(timeout, to: &fields)
        case .retry(let retry, let shared): Self.add(retry, shared, to: &fields)
        case .circuitBreaker(let breaker): Self.add(breaker, to: &fields)
        case .rateLimiter(let limiter): Self.add(limiter, to: &fields)
        case .bulkhead(let bulkhead):
            fields.add("maxConcurrent", bulkhead.maxConcurrent)
            fields.add("maxQueued", bulkhead.maxQueued)
            fields.add("maxWait", bulkhead.maxWait)
            fields.add("order", bulkhead.order.rawValue)
        case .adaptiveLimiter(let limiter): Self.add(limiter, to: &fields)
        case .throttle(let throttle):
            fields.add("k", throttle.k)
            fields.add("window", throttle.window)
        case .shed(let shedder): Self.add(shedder, to: &fields)
        case .hedge(let hedge, let shared): Self.add(hedge, shared, to: &fields)
        case .chaos(let chaos): Self.add(chaos, to: &fields)
        }
    }

    private static func add(_ timeout: Timeout.Configuration, to fields: inout PolicyFields) {
        fields.add("after", timeout.after)
        fields.add("onExpiry", timeout.onExpiry.rawValue)
        fields.add("idle", timeout.idle)
        guard let adaptive = timeout.adaptive else { return fields.add("adaptive", String?.none) }
        fields.add("adaptive.quantile", adaptive.quantile)
        fields.add("adaptive.factor", adaptive.factor)
        fields.add("adaptive.minimum", adaptive.minimum)
        fields.add("adaptive.minimumSamples", adaptive.minimumSamples)
    }

    private static func add(_ retry: Retry.Configuration, _ shared: String?, to fields: inout PolicyFields) {
        fields.add("maxAttempts", retry.maxAttempts)
        fields.add("backoff", retry.backoff)
        fields.add("on", retry.on)
        for (index, rule) in retry.rules.enumerated() {
            fields.add("rules[\(index)].on", rule.on)
            fields.add("rules[\(index)].maxAttempts", rule.maxAttempts)
            fields.add("rules[\(index)].backoff", rule.backoff)
        }
        fields.add("retryAfterMax", retry.retryAfterMax)
        fields.add("budget", retry.budget, shared: shared)
    }

    private static func add(_ hedge: Hedge.Configuration, _ shared: String?, to fields: inout PolicyFields) {
        switch hedge.after {
        case .fixed(let delay): fields.add("after", delay)
        case .quantile(let quantile, let minimumSamples):
            fields.add("after.quantile", quantile)
            fields.add("after.minimumSamples", minimumSamples)
        }
        fields.add("maxExtra", hedge.maxExtra)
        fields.add("nonFatal", hedge.nonFatal)
        fields.add("budget", hedge.budget, shared: shared)
    }

    private static func add(_ breaker: CircuitBreaker.Configuration, to fields: inout PolicyFields) {
        switch breaker.window {
        case .count(let count): fields.add("window.count", count)
        case .time(let time, let buckets):
            fields.add("window.time", time)
            fields.add("window.buckets", buckets)
        }
        fields.add("minimumCalls", breaker.minimumCalls)
        fields.add("failureRate", breaker.failureRate)
        fields.add("consecutiveFailures", breaker.consecutiveFailures)
        if let slowCalls = breaker.slowCalls {
            fields.add("slowCalls.over", slowCalls.over)
            fields.add("slowCalls.rate", slowCalls.rate)
            fields.add("slowCalls.countRunning", slowCalls.countRunning)
        } else {
            fields.add("slowCalls", String?.none)
        }
        fields.add("open.for", breaker.open.duration)
        fields.add("open.factor", breaker.open.factor)
        fields.add("open.max", breaker.open.max)
        fields.add("open.jitter", breaker.open.jitter)
        fields.add("halfOpen.probes", breaker.halfOpen.probes)
        fields.add("halfOpen.failureRate", breaker.halfOpen.failureRate)
        fields.add("halfOpen.lease", breaker.halfOpen.lease)
        fields.add("rampAfterClose", breaker.rampAfterClose)
        fields.add("state", breaker.mode.rawValue)
        fields.add("failures", breaker.classification.failures)
        fields.add("ignore", breaker.classification.ignored)
    }

    private static func add(_ limiter: RateLimiter.Configuration, to fields: inout PolicyFields) {
        let (name, permits, per): (String, Int, Duration)
        switch limiter.algorithm {
        case .tokenBucket(let count, let period, let burst):
            (name, permits, per) = ("tokenBucket", count, period)
            fields.add("tokenBucket.burst", burst)
        case .slidingWindow(let count, let period): (name, permits, per) = ("slidingWindow", count, period)
        case .fixedWindow(let count, let period): (name, permits, per) = ("fixedWindow", count, period)
        case .pacing(let count, let period): (name, permits, per) = ("pacing", count, period)
        }
        fields.add("\(name).permits", permits)
        fields.add("\(name).per", per)
        if let warmUp = limiter.warmUp {
            fields.add("warmUp.over", warmUp.over)
            fields.add("warmUp.from", warmUp.from)
        } else {
            fields.add("warmUp", String?.none)
        }
        fields.add("maxWait", limiter.maxWait)
        fields.add("maxQueued", limiter.maxQueued)
        switch limiter.key {
        case .none: fields.add("key", "none")
        case .method: fields.add("key", "method")
        case .peer: fields.add("key", "peer")
        case .metadata(let name): fields.add("key.metadata", quoted(name))
        }
        fields.add("maxKeys", limiter.maxKeys)
        fields.add("idleAfter", limiter.idleAfter)
    }

    private static func add(_ chaos: ChaosDefinition, to fields: inout PolicyFields) {
        fields.add("enabled", chaos.isEnabled)
        if let fault = chaos.fault {
            fields.add("fault.rate", fault.rate)
            fields.add("fault.code", fault.code.name)
            fields.add("fault.message", fault.message.isEmpty ? nil : quoted(fault.message))
        } else {
            fields.add("fault", String?.none)
        }
        fields.add("latency.rate", chaos.latency?.rate)
        fields.add("latency.delay", chaos.latency?.delay)
        fields.add("outcome.rate", chaos.outcome?.rate)
        fields.add("outcome.value", chaos.outcome.map { JSONNode.canonical($0.json) })
    }

    private static func add(_ shedder: LoadShedder.Configuration, to fields: inout PolicyFields) {
        fields.add("signals.inFlight.enter", shedder.inFlight?.enter)
        fields.add("signals.inFlight.leave", shedder.inFlight?.leave)
        fields.add("signals.queueTime.enter", shedder.queueTime?.enter)
        fields.add("signals.queueTime.leave", shedder.queueTime?.leave)
        fields.add("signals.eventLoopLag.enter", shedder.eventLoopLag?.enter)
        fields.add("signals.eventLoopLag.leave", shedder.eventLoopLag?.leave)
        fields.add("signals.cpu.enter", shedder.cpu?.enter)
        fields.add("signals.cpu.leave", shedder.cpu?.leave)
        fields.add("signals.memory.enter", shedder.memory?.enter)
        fields.add("signals.memory.leave", shedder.memory?.leave)
        fields.add("hold", shedder.hold)
        fields.add("sampleEvery", shedder.sampleEvery)
    }

    private static func add(_ limiter: AdaptiveLimiter.Configuration, to fields: inout PolicyFields) {
        switch limiter.algorithm {
        case .aimd(let aimd):
            fields.add("aimd.backoff", aimd.backoff)
            fields.add("aimd.timeout", aimd.timeout)
        case .vegas(let vegas):
            fields.add("vegas.alpha", vegas.alpha.text)
            fields.add("vegas.beta", vegas.beta.text)
            fields.add("vegas.threshold", vegas.threshold.text)
            fields.add("vegas.increase", vegas.increase.text)
            fields.add("vegas.decrease", vegas.decrease.text)
            fields.add("vegas.smoothing", vegas.smoothing)
            fields.add("vegas.probeEvery", vegas.probeEvery)
        case .gradient2(let gradient):
            fields.add("gradient2.queueSize", gradient.queueSize.text)
            fields.add("gradient2.smoothing", gradient.smoothing)
            fields.add("gradient2.longWindow", gradient.longWindow)
            fields.add("gradient2.tolerance", gradient.tolerance)
            fields.add("gradient2.backoff", gradient.backoff)
        }
        fields.add("initial", limiter.initial)
        fields.add("minimum", limiter.minimum)
        fields.add("maximum", limiter.maximum)
        fields.add("maxQueued", limiter.maxQueued)
        fields.add("drops", limiter.drops)
    }
}

extension AdaptiveLimiter.Configuration.Step {
    fileprivate var text: String {
        switch self {
        case .fixed(let amount): String(amount)
        case .logarithmic(let factor): "\(factor) logarithmic"
        case .share(let share): "\(Words.percent(share)) of the limit"
        }
    }
}
