import Holdfast

extension CircuitBreaker.Configuration: Sectioned {
    static let section = Section<Self>(
        "a circuit breaker's settings", name: "circuitBreaker",
        summary: "Refuses calls to a service that fails or is slow, and finds out with a few probes when it is back."
    ) {
        Field.defaulted(
            "window", .section(windowRule), default: .time(.seconds(30)), standIn: .time(.seconds(30)), \.window,
            "Which calls the rates are computed over."
        )
        Field.optional(
            "minimumCalls", .integer(1...1_000_000_000), absent: "20, or the count window if that is smaller", \.writtenMinimum,
            complete: \.minimumCalls,
            "The rates apply from so many recorded calls on; at most a count window."
        )
        Field.defaulted(
            "failureRate", .nullable(.rate, null: "never by rate"), default: 0.5, \.failureRate,
            "The share of failures from which on the breaker opens."
        )
        Field.optional(
            "consecutiveFailures", .integer(1...1_000_000), absent: "off", \.consecutiveFailures,
            "So many failures in a row open the breaker."
        )
        Field.optional(
            "slowCalls", .section(slowCallsRule), absent: "off", \.slowCalls,
            "When a call is slow, and how many slow calls open the breaker."
        )
        Field.defaulted("open", .section(openRule), default: Open(), \.open, "How long the breaker stays open.")
        Field.defaulted(
            "halfOpen", .section(halfOpenRule), default: HalfOpen(), \.halfOpen, "How the breaker finds out whether the service is back."
        )
        Field.defaulted(
            "rampAfterClose", .duration, default: .zero, \.rampAfterClose,
            "After closing, the share of calls let through grows from a tenth to all over this time."
        )
        Field.defaulted(
            "state", .word, default: .automatic, \.mode,
            "Whether it decides by itself (`automatic`), always refuses, never refuses and records nothing (`disabled`), or never refuses and reports what it would have done."
        )
        Field.optional(
            "failures", .statusCodes, absent: list(Classification.defaultFailures), \.writtenFailures,
            complete: \.classification.failures,
            "The codes that are failures of the service."
        )
        Field.optional(
            "ignore", .statusCodes, absent: list(Classification.defaultIgnored), \.writtenIgnored,
            complete: \.classification.ignored,
            "The codes that count neither way; what is in neither list is a success.")
    } make: {
        window, minimumCalls, failureRate, inARow, slowCalls, open, halfOpen, ramp, mode, failures, ignored throws(ConfigurationError) in
        try Self(
            window: window, minimumCalls: minimumCalls, failureRate: failureRate, consecutiveFailures: inARow, slowCalls: slowCalls,
            open: open, halfOpen: halfOpen, rampAfterClose: ramp, mode: mode,
            classification: Classification(failures: failures, ignored: ignored))
    }

    private static func list(_ codes: Set<StatusCode>) -> String {
        StatusCode.allCases.filter(codes.contains).map { "`\($0.name)`" }.joined(separator: ", ")
    }

    private struct TimeWindow {
        var time: Duration
        var buckets: Int
    }

    private static let windowRule = Section<Window>("a count or a time") {
        Field.choice(
            [
                Alternative("count", .integer(1...100_000), standIn: 100_000, "The last so many calls.") {
                    .count($0)
                } match: {
                    if case .count(let count) = $0 { count } else { nil }
                },
                Alternative(
                    "time",
                    Section<TimeWindow>("a time", make: TimeWindow.init(time:buckets:)) {
                        Field.required("time", .positiveDuration, standIn: .seconds(30), \.time, "The calls of the last so long.")
                        Field.defaulted("buckets", .integer(10...60), default: 10, \.buckets, "In how many buckets they are counted.")
                    }
                ) {
                    .time($0.time, buckets: $0.buckets)
                } match: {
                    if case .time(let time, let buckets) = $0 { TimeWindow(time: time, buckets: buckets) } else { nil }
                },
            ], \.self)
    } make: {
        $0
    }

    private static let slowCallsRule = Section<SlowCalls>("the rule for slow calls", make: SlowCalls.init(over:rate:countRunning:)) {
        Field.required("over", .positiveDuration, standIn: .seconds(1), \.over, "A call that takes longer than this is slow.")
        Field.required("rate", .rate, standIn: 1, \.rate, "The share of slow calls from which on the breaker opens.")
        Field.defaulted(
            "countRunning", .bool, default: false, \.countRunning,
            "Whether a call counts as slow as soon as it has run so long, before it ends.")
    }

    private static let openRule = Section<Open>("how long the breaker stays open", make: Open.init(for:factor:max:jitter:)) {
        Field.defaulted("for", .positiveDuration, default: .seconds(5), standIn: .nanoseconds(1), \.duration, "The first open time.")
        Field.defaulted(
            "factor", .number(.atLeast(1)), default: 2, \.factor,
            "Each opening that follows without a full window closed between is longer by this."
        )
        Field.defaulted(
            "max", .positiveDuration, default: .seconds(60), standIn: DurationText.maximum, \.max,
            "No open time is longer; at least `for`."
        )
        Field.defaulted("jitter", .rate, default: 0.2, \.jitter, "The open time is spread evenly over this share of itself up and down.")
    }

    private static let halfOpenRule = Section<HalfOpen>("the rule for probes", make: HalfOpen.init(probes:failureRate:lease:)) {
        Field.defaulted("probes", .integer(1...10_000), default: 3, \.probes, "How many attempts are let through to decide.")
        Field.optional(
            "failureRate", .rate, absent: "as closed", \.failureRate,
            "The share of failed probes from which on the breaker opens again."
        )
        Field.optional(
            "lease", .positiveDuration, absent: "the call's deadline, or 10s", \.lease,
            "A probe that has not come back after this counts as failed.")
    }

    private var writtenMinimum: Int? {
        let implied = if case .count(let count) = window { min(20, count) } else { 20 }
        return minimumCalls == implied ? nil : minimumCalls
    }
    private var writtenFailures: Set<StatusCode>? { classification == .standard ? nil : classification.failures }
    private var writtenIgnored: Set<StatusCode>? { classification == .standard ? nil : classification.ignored }
}
