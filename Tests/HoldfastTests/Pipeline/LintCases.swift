@testable import Holdfast

/// The tables of ``PipelineLintTests``. The settings are within their ranges, so making them never throws.
enum LintCases {
    private typealias Stage = Pipeline.Stage

    private static func timeout(_ milliseconds: Int, _ name: String = "timeout", onExpiry: Timeout.Configuration.Expiry = .wait) -> Stage {
        .timeout(Timeout(name, try! .init(after: .milliseconds(milliseconds), onExpiry: onExpiry)))
    }

    private static func retry(
        _ maxAttempts: Int = 3, backoff: Backoff = try! .exponential(base: .milliseconds(50), max: .seconds(1)),
        on: FailureSelector = Retry.Configuration.standardFailures, budget: RetryBudget.Configuration? = .standard, name: String = "retry"
    ) -> Stage {
        .retry(Retry(name, try! .init(maxAttempts: maxAttempts, backoff: backoff, on: on, budget: budget)))
    }

    private static func hedge(
        _ milliseconds: Int, extra: Int = 1, budget: RetryBudget.Configuration? = Hedge.Configuration.standardBudget,
        _ name: String = "hedge"
    ) -> Stage {
        .hedge(Hedge(name, try! .init(after: .fixed(.milliseconds(milliseconds)), maxExtra: extra, budget: budget)))
    }

    private static func breaker(
        _ window: CircuitBreaker.Configuration.Window = .time(.seconds(4)), minimumCalls: Int = 20, failureRate: Double? = 0.5,
        inARow: Int? = nil, slow: (over: Int, rate: Double)? = nil, halfOpen: CircuitBreaker.Configuration.HalfOpen = .init(),
        mode: CircuitBreaker.Configuration.Mode = .automatic, name: String = "circuitBreaker"
    ) -> Stage {
        let slowCalls = slow.map { CircuitBreaker.Configuration.SlowCalls(over: .milliseconds($0.over), rate: $0.rate) }
        return .gate(
            CircuitBreaker(
                name,
                try! .init(
                    window: window, minimumCalls: minimumCalls, failureRate: failureRate, consecutiveFailures: inARow, slowCalls: slowCalls,
                    halfOpen: halfOpen, mode: mode)))
    }

    private static func limiter(burst: Int = 20, maxQueued: Int = 0, maxWait: Int = 0) -> Stage {
        .gate(RateLimiter("rateLimiter", try! .perSecond(100, burst: burst, maxWait: .milliseconds(maxWait), maxQueued: maxQueued)))
    }

    private static func bulkhead(_ maxConcurrent: Int = 8, maxQueued: Int = 0, maxWait: Int = 0) -> Stage {
        .gate(Bulkhead("bulkhead", try! .init(maxConcurrent: maxConcurrent, maxQueued: maxQueued, maxWait: .milliseconds(maxWait))))
    }

    private static func chaos(isEnabled: Bool, latency: Int = 20) -> Stage {
        .chaos(Chaos("chaos", .init(latency: try! .init(rate: 0.1, delay: .milliseconds(latency)), isEnabled: isEnabled)))
    }

    private static func twice(_ stage: Stage) -> [Stage] { [timeout(800), stage, stage] }

    static let all: [PipelineLintTests.Case] = {
        var cases: [PipelineLintTests.Case] = []
        func add(
            _ rule: PipelineLint.Rule, _ level: PipelineLint.Level, _ stages: [Int], _ name: String, _ doubtful: [Stage], sound: [Stage]
        ) {
            cases.append(.init(rule: rule, level: level, stages: stages, doubtful: doubtful, sound: sound, name: name))
        }
        let never = try! Backoff.constant(.seconds(1), jitter: .none)

        add(.noTimeout, .warning, [], "none at all", [breaker(), limiter()], sound: [breaker(), limiter(), timeout(200)])

        add(.timeoutNeverFires, .warning, [1, 0], "as long", [timeout(800), timeout(800)], sound: [timeout(800), timeout(799)])
        add(
            .timeoutNeverFires, .warning, [2, 1], "the shortest around counts",
            [timeout(200), timeout(100, onExpiry: .abandon), timeout(500)],
            sound: [timeout(200), timeout(500, onExpiry: .abandon)])

        add(
            .retryCannotFit, .warning, [1, 0], "the third is cut off", [timeout(800), retry(), timeout(250)],
            sound: [timeout(800), retry(), timeout(200)])
        add(
            .retryCannotFit, .warning, [1, 0], "a nanosecond too long",
            [timeout(750), retry(), .timeout(Timeout("timeout", try! .init(after: .nanoseconds(200_000_001))))],
            sound: [timeout(750), retry(), timeout(200)])
        add(
            .retryCannotFit, .note, [1, 0], "timeouts are not retried",
            [timeout(800), retry(on: .init(codes: [.unavailable])), timeout(250)],
            sound: [timeout(900), retry(on: .init(codes: [.unavailable])), timeout(250)])
        add(
            .retryCannotFit, .warning, [1, 0], "waiting for a permit counts",
            [timeout(800), retry(), bulkhead(maxQueued: 5, maxWait: 50), timeout(200)],
            sound: [timeout(900), retry(), bulkhead(maxQueued: 5, maxWait: 50), timeout(200)])
        add(
            .retryCannotFit, .warning, [1, 0], "so does injected latency", [timeout(800), retry(), chaos(isEnabled: true), timeout(200)],
            sound: [timeout(800), retry(), chaos(isEnabled: false), timeout(200)])
        add(
            .retryNeverActs, .error, [1, 0], "waits as long as the call may take", [timeout(1000), retry(backoff: never), timeout(100)],
            sound: [timeout(1001), retry(backoff: never), timeout(100)])
        add(
            .retryWithoutTimeout, .warning, [1], "only a total", [timeout(800), retry(), breaker()],
            sound: [timeout(800), retry(), breaker(), timeout(200)])
        add(.withoutBudget, .warning, [0], "a retry", [retry(budget: nil), timeout(200)], sound: [retry(), timeout(200)])
        add(.withoutBudget, .warning, [0], "a hedge", [hedge(100, budget: nil), timeout(200)], sound: [hedge(100), timeout(200)])
        add(.singleAttempt, .note, [0], "one", [retry(1), timeout(200)], sound: [retry(2), timeout(200)])
        let generous = Stage.retry(
            Retry("generous", try! .init(maxAttempts: 1, rules: [.init(on: .init(codes: [.aborted]), maxAttempts: 4)])))
        add(.singleAttempt, .note, [0], "by every rule", [retry(1), timeout(200)], sound: [generous, timeout(200)])
        add(
            .breakerOutsideRetry, .note, [0, 1], "of one rule", [breaker(), generous, timeout(200)],
            sound: [breaker(), retry(1), timeout(200)])
        add(
            .nestedRetry, .warning, [1, 0], "two", [retry(name: "outer"), retry(name: "inner"), timeout(200)],
            sound: [retry(name: "outer"), retry(1, name: "inner"), timeout(200)])
        add(
            .retryInsideHedge, .warning, [1, 0], "inside", [hedge(100), retry(), timeout(200)], sound: [retry(), hedge(100), timeout(200)])
        add(
            .nestedHedge, .warning, [1, 0], "two", [hedge(50, "a"), hedge(50, "b"), timeout(200)],
            sound: [hedge(50, extra: 3), timeout(200)])
        let anything = FailureSelector(codes: [.unavailable], origins: [.rejected])
        add(
            .retriesRejections, .warning, [0, 1], "a bulkhead without a queue", [retry(on: anything), bulkhead(), timeout(200)],
            sound: [retry(on: anything), bulkhead(maxQueued: 8, maxWait: 50), timeout(200)])
        add(
            .retriesRejections, .warning, [0, 1], "a limiter without a queue", [retry(on: anything), limiter(), timeout(200)],
            sound: [limiter(), retry(on: anything), breaker(), timeout(200)])

        add(
            .hedgeNeverFires, .warning, [0, 1], "not below the timeout inside", [hedge(200), timeout(200)],
            sound: [hedge(199), timeout(200)])
        add(
            .hedgeNeverFires, .warning, [1, 0], "not below the timeout around", [timeout(200), hedge(200)],
            sound: [timeout(200), hedge(99)])
        add(
            .hedgeCannotFit, .note, [1, 0], "the third never starts", [timeout(800), hedge(400, extra: 2)],
            sound: [timeout(801), hedge(400, extra: 2)])
        add(
            .hedgeCannotFit, .note, [1, 0], "the second is cut off", [timeout(800), hedge(400), timeout(500)],
            sound: [timeout(900), hedge(400), timeout(500)])
        add(.hedgeAtOnce, .note, [0], "no delay", [hedge(0), timeout(200)], sound: [hedge(1), timeout(200)])

        add(
            .slowCallsNeverCount, .warning, [0], "not below the timeout inside", [breaker(slow: (200, 0.5)), timeout(200)],
            sound: [breaker(slow: (199, 0.5)), timeout(200)])
        add(
            .slowCallsNeverCount, .warning, [1], "not below the timeout around", [timeout(200), breaker(slow: (200, 0.5))],
            sound: [timeout(300), breaker(slow: (200, 0.5))])
        add(
            .slowCallsNeverCount, .warning, [0], "without a wait inside", [breaker(slow: (250, 0.5)), bulkhead(), timeout(200)],
            sound: [breaker(slow: (250, 0.5)), bulkhead(maxQueued: 9, maxWait: 100), timeout(200)])
        add(
            .slowCallsNeverCount, .warning, [0], "unlike a retry, which waits as long as a service asks",
            [breaker(slow: (900, 0.5)), timeout(800), retry(), timeout(200)], sound: [breaker(slow: (900, 0.5)), retry(), timeout(200)])
        add(
            .opensOnSuccess, .error, [0], "failure rate", [breaker(failureRate: 0), timeout(200)],
            sound: [breaker(failureRate: 0.01), timeout(200)])
        add(
            .opensOnSuccess, .error, [0], "slow rate", [breaker(slow: (100, 0)), timeout(200)],
            sound: [breaker(slow: (100, 0.01)), timeout(200)])
        add(
            .neverOpens, .warning, [0], "no rule", [breaker(failureRate: nil), timeout(200)],
            sound: [breaker(failureRate: nil, inARow: 5), timeout(200)])
        add(.breakerIsHeld, .warning, [0], "isolated", [breaker(mode: .isolated), timeout(200)], sound: [breaker(), timeout(200)])
        add(.breakerIsHeld, .note, [0], "disabled", [breaker(mode: .disabled), timeout(200)], sound: [breaker(), timeout(200)])
        add(.breakerIsHeld, .note, [0], "observing", [breaker(mode: .observing), timeout(200)], sound: [breaker(), timeout(200)])
        add(
            .breakerOutsideRetry, .note, [0, 1], "sees calls", [breaker(), retry(), timeout(200)],
            sound: [retry(), breaker(), timeout(200)])
        add(
            .noticesLate, .note, [0], "half of 30 s", [breaker(.time(.seconds(30))), timeout(200)],
            sound: [breaker(.time(.seconds(20))), timeout(200)])
        add(
            .noticesLate, .warning, [0], "half of 2 min and a nanosecond or two",
            [breaker(.time(.nanoseconds(120_000_000_002))), timeout(200)],
            sound: [breaker(.count(1000)), timeout(200)])
        add(
            .noticesLate, .note, [0], "half of 2 min", [breaker(.time(.seconds(120))), timeout(200)],
            sound: [breaker(.time(.seconds(120)), inARow: 10), timeout(200)])
        add(
            .probesAboveMinimum, .note, [0], "five times", [breaker(halfOpen: .init(probes: 100)), timeout(200)],
            sound: [breaker(halfOpen: .init(probes: 80)), timeout(200)])
        add(
            .leaseTooShort, .note, [0], "below the timeout", [breaker(halfOpen: .init(lease: .milliseconds(199))), timeout(200)],
            sound: [breaker(halfOpen: .init(lease: .milliseconds(200))), timeout(200)])
        add(
            .breakersCountTheSame, .note, [1, 0], "by other settings", [breaker(name: "a"), breaker(inARow: 5, name: "b"), timeout(200)],
            sound: [breaker(name: "a"), retry(), breaker(inARow: 5, name: "b"), timeout(200)])
        add(
            .breakersCountTheSame, .warning, [2, 0], "by the same settings",
            [breaker(name: "a"), limiter(), breaker(name: "b"), timeout(200)],
            sound: [breaker(name: "a"), limiter(), timeout(200)])

        add(
            .queueWithoutEffect, .warning, [0], "no time", [limiter(maxQueued: 5), timeout(200)],
            sound: [limiter(maxQueued: 5, maxWait: 10), timeout(200)])
        add(.queueWithoutEffect, .warning, [0], "no place", [bulkhead(maxWait: 10), timeout(200)], sound: [bulkhead(), timeout(200)])
        add(
            .waitBeyondTimeout, .warning, [1, 0], "as long", [timeout(200), limiter(maxQueued: 5, maxWait: 200)],
            sound: [timeout(200), limiter(maxQueued: 5, maxWait: 199)])
        let waiting = Stage.gate(AdaptiveLimiter("adaptiveLimiter", try! .init(.vegas(), maxQueued: 5)))
        add(
            .waitWithoutLimit, .note, [0], "only an attempt's timeout", [waiting, timeout(200)],
            sound: [timeout(800), waiting, timeout(200)])
        add(.permitHeldForever, .warning, [0], "no timeout", [bulkhead()], sound: [timeout(800), bulkhead()])
        add(
            .permitHeldForever, .warning, [0], "an adaptive one", [.gate(AdaptiveLimiter("a", try! .init(.gradient2())))],
            sound: [.gate(AdaptiveLimiter("a", try! .init(.gradient2()))), timeout(200)])
        add(
            .limiterOutsideBreaker, .note, [0, 1], "at once", [limiter(), breaker(), timeout(200)],
            sound: [breaker(), limiter(), timeout(200)])
        add(
            .limiterOutsideBreaker, .warning, [0, 1], "after a wait", [limiter(maxQueued: 5, maxWait: 10), breaker(), timeout(200)],
            sound: [limiter(maxQueued: 5, maxWait: 10), breaker(mode: .disabled), timeout(200)])
        add(.gateOutsideRetry, .note, [0, 1], "a limiter", [limiter(), retry(), timeout(200)], sound: [retry(), limiter(), timeout(200)])
        add(
            .gateOutsideRetry, .note, [0, 1], "a bulkhead", [bulkhead(), retry(), timeout(200)], sound: [retry(), bulkhead(), timeout(200)])
        add(.sharedGate, .warning, [1, 2], "room for two", twice(bulkhead(2)), sound: [timeout(800), bulkhead(2), bulkhead(2)])
        add(.sharedGate, .error, [1, 2], "room for one", twice(bulkhead(1)), sound: [timeout(800), bulkhead(1), bulkhead(1)])
        add(.sharedGate, .error, [1, 2], "a burst of one", twice(limiter(burst: 1)), sound: [timeout(800), limiter(burst: 1)])
        add(.sharedGate, .error, [1, 2], "one probe", twice(breaker(halfOpen: .init(probes: 1))), sound: [timeout(800), breaker()])
        add(.chaosEnabled, .warning, [0], "on", [chaos(isEnabled: true), timeout(200)], sound: [chaos(isEnabled: false), timeout(200)])
        return cases
    }()

    static let texts: [(stages: [Pipeline.Stage], rule: PipelineLint.Rule, problem: String)] = [
        (
            [timeout(800), retry(), timeout(250)], .retryCannotFit,
            "retry needs up to 900 ms (3 attempts of 250 ms, waits of 150 ms), but timeout [0] ends the call after 800 ms: attempt 3 starts at "
                + "650 ms and is cut off after 150 ms of 250 ms"
        ),
        (
            [timeout(500, "total"), retry(4), timeout(250, "attempt")], .retryCannotFit,
            "retry needs up to 1.35 s (4 attempts of 250 ms, waits of 350 ms), but timeout \"total\" ends the call after 500 ms: attempt 2 starts "
                + "at 300 ms and is cut off after 200 ms of 250 ms"
        ),
        (
            [timeout(300), retry(), timeout(250)], .retryCannotFit,
            "retry needs up to 900 ms (3 attempts of 250 ms, waits of 150 ms), but timeout [0] ends the call after 300 ms: attempt 2 would start at "
                + "300 ms and is never made"
        ),
        (
            [retry(2, name: "outer"), retry(name: "inner"), timeout(200)], .nestedRetry,
            "retry \"inner\" is inside retry \"outer\": up to 4 attempts of one call"
        ),
        (
            [retry(2, name: "outer"), retry(on: .init(codes: [.internalError]), name: "inner"), timeout(200)], .nestedRetry,
            "retry \"inner\" is inside retry \"outer\": up to 6 attempts of one call, 2 times 3"
        ),
        (
            [hedge(100, extra: 2), retry(), timeout(200)], .retryInsideHedge,
            "retry is inside hedge: up to 9 attempts of one call, 3 times 3"
        ),
        (
            [timeout(500), hedge(200, extra: 3), timeout(300)], .hedgeCannotFit,
            "extra attempt 2 of hedge starts at 400 ms and has 100 ms of 300 ms: timeout [0] ends the call after 500 ms"
        ),
        (
            [breaker(.time(.seconds(30)), name: "say"), timeout(200)], .noticesLate,
            "circuitBreaker \"say\" notices a total outage after 15 s: 50 % of its window of 30 s"
        ),
        (
            twice(bulkhead(1)), .sharedGate,
            "one bulkhead \"bulkhead\" stands at [1] and [2]: each call takes 2 permits of it, but only 1 may run at once"
        ),
        ([chaos(isEnabled: true), timeout(200)], .chaosEnabled, "chaos is enabled: it injects a wait of 20 ms into 10 % of calls"),
    ]

    /// What `Policies/say.json`, `Policies/echo.json` and the pages of the design show.
    static let published: [(name: String, stages: [Pipeline.Stage], rules: [PipelineLint.Rule])] = [
        (
            "Policies/say.json",
            [
                timeout(800, "total"), breaker(slow: (150, 0.8), halfOpen: .init(probes: 3, lease: .seconds(1))), limiter(),
                timeout(200, "attempt"),
            ], []
        ),
        (
            "Policies/echo.json",
            [
                breaker(.count(100), minimumCalls: 10, inARow: 5, halfOpen: .init(probes: 1, lease: .seconds(5))),
                limiter(maxQueued: 50, maxWait: 500),
            ], [.noTimeout]
        ),
        (
            "policy-format.md",
            [
                timeout(800), retry(), breaker(slow: (150, 0.8), halfOpen: .init(probes: 3, lease: .seconds(1))), limiter(), bulkhead(256),
                timeout(200),
            ], []
        ),
        (
            "design.md",
            [timeout(800), retry(), breaker(.time(.seconds(30))), limiter(), timeout(250)], [.retryCannotFit, .noticesLate]
        ),
    ]

    /// A stage of any kind with settings from anywhere in their ranges, their ends above all.
    static func random(_ random: inout SplitMix64State) throws -> Pipeline.Stage {
        func pick<Element>(_ elements: Element...) -> Element { elements.randomElement(using: &random)! }
        let far = Duration.seconds(Int64.max)
        let time = pick(.nanoseconds(1), .milliseconds(100), .seconds(1), far)
        switch Int.random(in: 0...6, using: &random) {
        case 0: return .timeout(Timeout("t", try .init(after: time, onExpiry: pick(.wait, .abandon))))
        case 1:
            let jitter = pick(Backoff.Jitter.none, .full, .equal, .decorrelated)
            let backoff = try pick(
                Backoff.exponential(base: time, factor: pick(1, 1e300), max: far, jitter: jitter),
                Backoff.linear(base: time, step: far, max: far, jitter: jitter), Backoff.constant(pick(.zero, time), jitter: jitter))
            return .retry(
                Retry("r", try .init(maxAttempts: pick(1, 2, 100), backoff: backoff, retryAfterMax: far, budget: pick(nil, .standard))))
        case 2:
            return .hedge(
                Hedge("h", try .init(after: pick(.fixed(.zero), .fixed(time), .quantile(0.5, minimumSamples: 1)), maxExtra: pick(1, 10))))
        case 3:
            let slow: (over: Int, rate: Double)? = pick(nil, (over: 1, rate: 0), (over: .max / 1_000_000, rate: 1))
            return breaker(
                pick(.count(1_000), .time(.nanoseconds(10)), .time(far)), failureRate: pick(nil, 0, 1), slow: slow,
                halfOpen: .init(probes: pick(1, 10_000), lease: pick(nil, time)))
        case 4: return limiter(maxQueued: pick(0, 1_000_000), maxWait: pick(0, 1, 1_000_000_000))
        case 5: return .gate(Bulkhead("b", try .init(maxConcurrent: 1, maxQueued: pick(0, 1_000_000), maxWait: pick(.zero, time))))
        default: return chaos(isEnabled: pick(true, false), latency: pick(1, 1_000_000_000))
        }
    }
}
