/// Elements that differ in one field, and how that field's change reads.
enum PolicyDiffCases {
    static let fields: [(old: String, new: String, change: String)] =
        timing + retries + breakers + limiters + others

    private static let timing: [(String, String, String)] = [
        (#"{"timeout":{"after":"1s"}}"#, #"{"timeout":{"after":"1500ms"}}"#, "~ p/timeout.after: 1s -> 1500ms"),
        (#"{"timeout":{"after":"1s"}}"#, #"{"timeout":{"after":"1s","onExpiry":"abandon"}}"#, "~ p/timeout.onExpiry: wait -> abandon"),
        (#"{"timeout":{"after":"1s"}}"#, #"{"timeout":{"after":"1s","idle":"2s"}}"#, "~ p/timeout.idle: none -> 2s"),
        (#"{"timeout":{"after":"1s"}}"#, #"{"timeout":{"after":"1s","enabled":false}}"#, "~ p/timeout.enabled: true -> false"),
        (
            #"{"timeout":{"after":"1s","adaptive":{}}}"#, #"{"timeout":{"after":"1s","adaptive":{"factor":3}}}"#,
            "~ p/timeout.adaptive.factor: 1.5 -> 3"
        ),
        (#"{"hedge":{"after":"1s"}}"#, #"{"hedge":{"after":"2s"}}"#, "~ p/hedge.after: 1s -> 2s"),
        (#"{"hedge":{"after":"1s"}}"#, #"{"hedge":{"after":"1s","maxExtra":2}}"#, "~ p/hedge.maxExtra: 1 -> 2"),
        (#"{"hedge":{"after":"1s"}}"#, #"{"hedge":{"after":"1s","nonFatal":["ABORTED"]}}"#, "~ p/hedge.nonFatal: none -> ABORTED"),
        (
            #"{"hedge":{"after":{"quantile":0.9}}}"#, #"{"hedge":{"after":{"quantile":0.95}}}"#, "~ p/hedge.after.quantile: 0.9 -> 0.95"
        ),
    ]

    private static let retries: [(String, String, String)] = [
        (#"{"retry":{}}"#, #"{"retry":{"maxAttempts":5}}"#, "~ p/retry.maxAttempts: 3 -> 5"),
        (#"{"retry":{}}"#, #"{"retry":{"on":["INTERNAL"]}}"#, "~ p/retry.on: UNAVAILABLE, timeout, connection -> INTERNAL"),
        (#"{"retry":{}}"#, #"{"retry":{"retryAfterMax":"1s"}}"#, "~ p/retry.retryAfterMax: 30s -> 1s"),
        (#"{"retry":{}}"#, #"{"retry":{"budget":{"ratio":0.5}}}"#, "~ p/retry.budget.ratio: 0.2 -> 0.5"),
        (#"{"retry":{}}"#, #"{"retry":{"budget":{"shared":"b"}}}"#, "~ p/retry.budget.shared: none -> b"),
        (
            #"{"retry":{}}"#, #"{"retry":{"backoff":{"exponential":{"base":"50ms"}}}}"#, "~ p/retry.backoff.exponential.base: 100ms -> 50ms"
        ),
        (
            #"{"retry":{"backoff":{"constant":{"delay":"1s"}}}}"#, #"{"retry":{"backoff":{"constant":{"delay":"1s"},"jitter":"none"}}}"#,
            "~ p/retry.backoff.jitter: full -> none"
        ),
        (
            #"{"retry":{"rules":[{"on":["ABORTED"]}]}}"#, #"{"retry":{"rules":[{"on":["ABORTED"],"maxAttempts":2}]}}"#,
            "~ p/retry.rules[0].maxAttempts: none -> 2"
        ),
    ]

    private static let breakers: [(String, String, String)] = [
        breaker(#""minimumCalls":5"#, "minimumCalls: 20 -> 5"), breaker(#""failureRate":0.7"#, "failureRate: 0.5 -> 0.7"),
        breaker(#""failureRate":null"#, "failureRate: 0.5 -> none"), breaker(#""consecutiveFailures":9"#, "consecutiveFailures: none -> 9"),
        breaker(#""window":{"time":"4s"}"#, "window.time: 30s -> 4s"), breaker(#""open":{"for":"1s"}"#, "open.for: 5s -> 1s"),
        breaker(#""open":{"factor":3}"#, "open.factor: 2 -> 3"), breaker(#""open":{"max":"90s"}"#, "open.max: 1m -> 90s"),
        breaker(#""open":{"jitter":0}"#, "open.jitter: 0.2 -> 0"), breaker(#""halfOpen":{"probes":1}"#, "halfOpen.probes: 3 -> 1"),
        breaker(#""halfOpen":{"failureRate":1}"#, "halfOpen.failureRate: none -> 1"),
        breaker(#""halfOpen":{"lease":"1s"}"#, "halfOpen.lease: none -> 1s"),
        breaker(#""rampAfterClose":"1s""#, "rampAfterClose: 0s -> 1s"),
        breaker(#""state":"observing""#, "state: automatic -> observing"), breaker(#""shared":"s""#, "shared: none -> s"),
        breaker(#""scope":"endpoint""#, "scope: shared -> endpoint"),
        breaker(#""ignore":["ABORTED"]"#, "ignore: CANCELLED, RESOURCE_EXHAUSTED, ABORTED -> ABORTED"),
    ]

    private static func breaker(_ field: String, _ change: String) -> (String, String, String) {
        (#"{"circuitBreaker":{}}"#, "{\"circuitBreaker\":{\(field)}}", "~ p/circuitBreaker.\(change)")
    }

    private static let limiters: [(String, String, String)] = [
        limiter(#""maxWait":"1s""#, "maxWait: 0s -> 1s"), limiter(#""maxQueued":3"#, "maxQueued: 0 -> 3"),
        limiter(#""key":"method""#, "key: none -> method"), limiter(#""maxKeys":3"#, "maxKeys: 10000 -> 3"),
        limiter(#""idleAfter":"1m""#, "idleAfter: 10m -> 1m"),
        (
            #"{"rateLimiter":{"tokenBucket":{"permits":5,"per":"1s","burst":2}}}"#,
            #"{"rateLimiter":{"tokenBucket":{"permits":5,"per":"1s","burst":3}}}"#, "~ p/rateLimiter.tokenBucket.burst: 2 -> 3"
        ),
        (#"{"bulkhead":{"maxConcurrent":5}}"#, #"{"bulkhead":{"maxConcurrent":6}}"#, "~ p/bulkhead.maxConcurrent: 5 -> 6"),
        (
            #"{"bulkhead":{"maxConcurrent":5}}"#, #"{"bulkhead":{"maxConcurrent":5,"order":"adaptiveLifo"}}"#,
            "~ p/bulkhead.order: fifo -> adaptiveLifo"
        ),
        (#"{"adaptiveLimiter":{"aimd":{}}}"#, #"{"adaptiveLimiter":{"aimd":{},"maximum":50}}"#, "~ p/adaptiveLimiter.maximum: 1000 -> 50"),
        (
            #"{"adaptiveLimiter":{"vegas":{}}}"#, #"{"adaptiveLimiter":{"vegas":{"alpha":{"logarithmic":5}}}}"#,
            "~ p/adaptiveLimiter.vegas.alpha.logarithmic: 3 -> 5"
        ),
        (
            #"{"adaptiveLimiter":{"gradient2":{}}}"#, #"{"adaptiveLimiter":{"gradient2":{"longWindow":50}}}"#,
            "~ p/adaptiveLimiter.gradient2.longWindow: 600 -> 50"
        ),
    ]

    private static func limiter(_ field: String, _ change: String) -> (String, String, String) {
        let pacing = #""pacing":{"permits":5,"per":"1s"}"#
        return ("{\"rateLimiter\":{\(pacing)}}", "{\"rateLimiter\":{\(pacing),\(field)}}", "~ p/rateLimiter.\(change)")
    }

    private static let others: [(String, String, String)] = [
        (#"{"throttle":{}}"#, #"{"throttle":{"k":1.5}}"#, "~ p/throttle.k: 2 -> 1.5"),
        (#"{"throttle":{}}"#, #"{"throttle":{"window":"1m"}}"#, "~ p/throttle.window: 2m -> 1m"),
        (
            #"{"shed":{"signals":{"cpu":{"enter":0.9,"leave":0.5}}}}"#, #"{"shed":{"signals":{"cpu":{"enter":0.8,"leave":0.5}}}}"#,
            "~ p/shed.signals.cpu.enter: 0.9 -> 0.8"
        ),
        (
            #"{"shed":{"signals":{"cpu":{"enter":0.9,"leave":0.5}}}}"#,
            #"{"shed":{"signals":{"cpu":{"enter":0.9,"leave":0.5}},"hold":"1s"}}"#,
            "~ p/shed.hold: 5s -> 1s"
        ),
        (#"{"chaos":{"fault":{"rate":0.5}}}"#, #"{"chaos":{"enabled":true,"fault":{"rate":0.5}}}"#, "~ p/chaos.enabled: false -> true"),
        (
            #"{"chaos":{"fault":{"rate":0.5}}}"#, #"{"chaos":{"fault":{"rate":0.5,"code":"INTERNAL"}}}"#,
            "~ p/chaos.fault.code: UNAVAILABLE -> INTERNAL"
        ),
        (
            #"{"chaos":{"latency":{"rate":0.5,"delay":"1s"}}}"#, #"{"chaos":{"latency":{"rate":0.5,"delay":"2s"}}}"#,
            "~ p/chaos.latency.delay: 1s -> 2s"
        ),
    ]
}
