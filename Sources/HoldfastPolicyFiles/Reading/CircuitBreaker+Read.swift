import Holdfast

extension CircuitBreaker.Configuration {
    /// Reads the settings of a circuit breaker; ranges are the core's business.
    static func read(_ object: ObjectReader) -> Self? {
        let window = object.section("window", "a count or a time", readWindow)
        let minimumCalls = object.optional("minimumCalls")?.integer()
        let failureRate = object.optional("failureRate")
        let rate = failureRate?.isNull == false ? failureRate?.number() : nil
        let consecutiveFailures = object.optional("consecutiveFailures")?.integer()
        let slowCalls = object.section("slowCalls", "the rule for slow calls", readSlowCalls)
        let open = object.section("open", "how long the breaker stays open", readOpen)
        let halfOpen = object.section("halfOpen", "the rule for probes", readHalfOpen)
        let rampAfterClose = object.optional("rampAfterClose")?.duration()
        let mode = object.optional("state")?.oneOf([
            "automatic": Mode.automatic, "isolated": .isolated, "disabled": .disabled, "observing": .observing,
        ])
        let failures = object.optional("failures")?.statusCodes()
        let ignored = object.optional("ignore")?.statusCodes()
        readScope(object.optional("scope"))

        return object.configuration { accepted throws(ConfigurationError) in
            let standard = try Self()
            return try Self(
                window: accepted("window", window) ?? standard.window,
                minimumCalls: accepted("minimumCalls", minimumCalls),
                failureRate: failureRate?.isNull == true ? nil : accepted("failureRate", rate) ?? standard.failureRate,
                consecutiveFailures: accepted("consecutiveFailures", consecutiveFailures),
                slowCalls: slowCalls.map {
                    SlowCalls(
                        over: accepted("slowCalls.over", $0.over) ?? .seconds(1),
                        rate: accepted("slowCalls.rate", $0.rate) ?? 1,
                        countRunning: $0.countRunning
                    )
                },
                open: Open(
                    for: accepted("open.for", open?.duration) ?? standard.open.duration,
                    factor: accepted("open.factor", open?.factor) ?? standard.open.factor,
                    max: accepted("open.max", open?.max) ?? Swift.max(standard.open.max, open?.duration ?? .zero),
                    jitter: accepted("open.jitter", open?.jitter) ?? standard.open.jitter
                ),
                halfOpen: HalfOpen(
                    probes: accepted("halfOpen.probes", halfOpen?.probes) ?? standard.halfOpen.probes,
                    failureRate: accepted("halfOpen.failureRate", halfOpen?.failureRate ?? nil),
                    lease: accepted("halfOpen.lease", halfOpen?.lease ?? nil)
                ),
                rampAfterClose: accepted("rampAfterClose", rampAfterClose) ?? standard.rampAfterClose,
                mode: mode ?? standard.mode,
                classification: Classification(failures: failures, ignored: accepted("ignore", ignored))
            )
        }
    }

    private static func readWindow(_ object: ObjectReader) -> Window? {
        guard let choice = object.exactlyOne(of: ["count", "time"]) else { return nil }
        switch choice.key {
        case "count":
            return choice.value.integer().map { .count($0) }
        default:
            let buckets = object.optional("buckets")?.integer() ?? 10
            return choice.value.duration().map { .time($0, buckets: buckets) }
        }
    }

    private static func readSlowCalls(_ object: ObjectReader) -> SlowCalls? {
        let over = object.required("over")?.duration()
        let rate = object.required("rate")?.number()
        let countRunning = object.optional("countRunning")?.bool() ?? false
        guard let over, let rate else { return nil }
        return SlowCalls(over: over, rate: rate, countRunning: countRunning)
    }

    private static func readOpen(_ object: ObjectReader) -> Open {
        var open = Open()
        if let duration = object.optional("for")?.duration() { open.duration = duration }
        if let factor = object.optional("factor")?.number() { open.factor = factor }
        if let max = object.optional("max")?.duration() { open.max = max }
        if let jitter = object.optional("jitter")?.number() { open.jitter = jitter }
        return open
    }

    private static func readHalfOpen(_ object: ObjectReader) -> HalfOpen {
        var halfOpen = HalfOpen()
        if let probes = object.optional("probes")?.integer() { halfOpen.probes = probes }
        halfOpen.failureRate = object.optional("failureRate")?.number()
        halfOpen.lease = object.optional("lease")?.duration()
        return halfOpen
    }

    private static func readScope(_ reader: ValueReader?) {
        guard let reader, let scope = reader.oneOf(["shared": "shared", "endpoint": "endpoint"]) else { return }
        if scope == "endpoint" { reader.fail("a breaker per endpoint is not supported by this version yet; give \"shared\"") }
    }
}
