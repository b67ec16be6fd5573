import Foundation

/// Makes traces of scenarios, in the words of policy files.
enum ScenarioConverter {
    /// - Returns: nil when the scenario needs a knob that no policy has.
    static func convert(_ scenario: Scenario) -> ConvertedScenario? {
        let settings: String?
        switch scenario.component {
        case "circuit_breaker": settings = circuitBreaker(scenario.configuration)
        case "window": settings = window(scenario.configuration).map { "\"window\":\($0)" }
        case "rate_limiter": settings = rateLimiter(scenario.configuration)
        case "adaptive_limit": settings = adaptiveLimiter(scenario.configuration)
        case "retry_budget": settings = budget(scenario.configuration)
        case "retry_delay": settings = backoff(scenario.configuration)
        case "hedge": settings = hedge(scenario.configuration)
        case "admission": settings = throttle(scenario.configuration)
        default: settings = nil
        }
        guard let settings else { return nil }
        // Each step of this kind stands for itself: the formula has no past.
        if scenario.component == "admission" {
            return ConvertedScenario(traces: scenario.steps.map { trace(settings, [$0]) })
        }
        return ConvertedScenario(traces: [trace(settings, scenario.steps)])
    }

    private static func trace(_ settings: String, _ steps: [Scenario.Step]) -> ConvertedScenario.Trace {
        var events: [String] = []
        var expectations: [ConvertedScenario.Expectation] = []
        for step in steps {
            events += ScenarioConverter.events(step, isFirst: events.isEmpty).map { "{\"at\":\"\(step.milliseconds)ms\",\($0)}" }
            expectations += ScenarioConverter.expectations(step, at: events.count - 1)
        }
        // A hedged call begins before the first look at it.
        if settings.hasPrefix("\"hedge\"") {
            events.insert(#"{"at":"0ms","start":"call"}"#, at: 0)
            expectations = expectations.map { old in
                .init(step: old.step + 1, key: old.key, actual: old.actual, expected: old.expected)
            }
        }
        return .init(json: "{\"version\":1,\(settings),\"steps\":[\(events.joined(separator: ","))]}", expectations: expectations)
    }

    // MARK: Configurations

    private static func circuitBreaker(_ configuration: JSONObject) -> String? {
        var settings: [String] = []
        if configuration.string("family") == "failsafe" {
            let (threshold, capacity) = (configuration.int("failure_threshold")!, configuration.int("failure_capacity")!)
            settings.append("\"window\":{\"count\":\(capacity)},\"minimumCalls\":\(capacity)")
            settings.append("\"failureRate\":\(Double(threshold) / Double(capacity))")
            let successes = configuration.int("success_threshold")
            let probes = successes == nil ? capacity : configuration.int("success_capacity") ?? successes!
            let failures = successes.map { probes - $0 + 1 } ?? threshold
            settings.append("\"halfOpen\":{\"probes\":\(probes),\"failureRate\":\(Double(failures) / Double(probes))}")
        } else {
            guard let shape = configuration.object("window").flatMap(window) else { return nil }
            settings.append("\"window\":\(shape),\"minimumCalls\":\(configuration.int("min_calls")!)")
            settings.append("\"failureRate\":\(configuration.double("failure_rate")!)")
            if let rate = configuration.double("slow_rate"), let over = configuration.int("slow_duration_ms") {
                settings.append("\"slowCalls\":{\"over\":\"\(over)ms\",\"rate\":\(rate)}")
            }
            if let halfOpen = configuration.object("half_open") { settings.append("\"halfOpen\":\(self.halfOpen(halfOpen))") }
        }
        if let backoff = configuration.object("open_backoff") {
            let (initial, factor) = (backoff.int("initial_ms")!, backoff.double("multiplier")!)
            settings.append(
                "\"open\":{\"for\":\"\(initial)ms\",\"factor\":\(factor),\"max\":\"\(backoff.int("max_ms") ?? 86_400_000)ms\",\"jitter\":0}"
            )
        } else {
            let time = configuration.int("open_ms")!
            settings.append("\"open\":{\"for\":\"\(time)ms\",\"factor\":1,\"max\":\"\(time)ms\",\"jitter\":0}")
        }
        return "\"circuitBreaker\":{\(settings.joined(separator: ","))}"
    }

    private static func halfOpen(_ halfOpen: JSONObject) -> String {
        let probes = halfOpen.int("permits")!
        var settings = "\"probes\":\(probes)"
        if halfOpen.string("rule") == "all_consecutive_successes_or_first_failure" {
            settings += ",\"failureRate\":\(1 / Double(probes))"
        }
        if let lease = halfOpen.int("probe_lease_ms") { settings += ",\"lease\":\"\(lease)ms\"" }
        return "{\(settings)}"
    }

    private static func window(_ window: JSONObject) -> String? {
        switch window.string("type") {
        case "count": "{\"count\":\(window.int("size")!)}"
        case "time", "tumbling_time": "{\"time\":\"\(window.int("duration_ms")!)ms\",\"buckets\":\(window.int("buckets") ?? 10)}"
        default: nil
        }
    }

    private static func rateLimiter(_ configuration: JSONObject) -> String? {
        let waiting = #""maxWait":"24h","maxQueued":100000"#
        switch configuration.string("kind") {
        // Both limiters of failsafe-go give out permits in periods that follow one another from the beginning.
        case "smooth":
            return "\"rateLimiter\":{\"fixedWindow\":{\"permits\":1,\"per\":\"\(configuration.int("interval_ms")!)ms\"},\(waiting)}"
        case "bursty":
            let (permits, period) = (configuration.int("permits")!, configuration.int("period_ms")!)
            return "\"rateLimiter\":{\"fixedWindow\":{\"permits\":\(permits),\"per\":\"\(period)ms\"},\(waiting)}"
        default: return nil
        }
    }

    private static func adaptiveLimiter(_ configuration: JSONObject) -> String? {
        let bounds =
            "\"initial\":\(configuration.int("initial")!),\"minimum\":\(configuration.int("min") ?? 1),\"maximum\":\(configuration.int("max")!)"
        switch configuration.string("algorithm") {
        case "vegas":
            let constants = ["alpha", "beta", "smoothing"].compactMap { key in
                configuration.double(key).map { "\"\(key)\":\(key == "smoothing" ? "\($0)" : "\(Int($0))")" }
            }
            let probe = configuration.string("probe") == "disabled" ? ["\"probeEvery\":null"] : []
            return "\"adaptiveLimiter\":{\"vegas\":{\((constants + probe).joined(separator: ","))},\(bounds)}"
        case "aimd":
            let (backoff, timeout) = (configuration.double("backoff")!, configuration.int("timeout_ms")!)
            return "\"adaptiveLimiter\":{\"aimd\":{\"backoff\":\(backoff),\"timeout\":\"\(timeout)ms\"},\(bounds)}"
        default: return nil
        }
    }

    private static func budget(_ configuration: JSONObject) -> String? {
        guard configuration.string("kind") == "tps" else { return nil }
        let (ratio, minimum) = (configuration.double("percent")!, configuration.double("min_per_sec")!)
        return "\"budget\":{\"ratio\":\(ratio),\"minimumPerSecond\":\(minimum),\"window\":\"\(configuration.int("ttl_ms")!)ms\"}"
    }

    private static func backoff(_ configuration: JSONObject) -> String? {
        guard configuration.double("jitter") == 0 else { return nil }
        let (initial, max) = (configuration.int("initial_ms")!, configuration.int("max_ms")!)
        let growth = "{\"base\":\"\(initial)ms\",\"factor\":\(configuration.double("multiplier")!),\"max\":\"\(max)ms\"}"
        return "\"backoff\":{\"exponential\":\(growth),\"jitter\":\"none\"}"
    }

    private static func hedge(_ configuration: JSONObject) -> String? {
        let (attempts, delay) = (configuration.int("max_attempts")!, configuration.int("delay_ms")!)
        return "\"hedge\":{\"after\":\"\(delay)ms\",\"maxExtra\":\(attempts - 1),\"budget\":null}"
    }

    private static func throttle(_ configuration: JSONObject) -> String? {
        guard configuration.double("aggression") == 1 else { return nil }
        return "\"throttle\":{\"k\":\(1 / configuration.double("sr_threshold")!)}"
    }

    // MARK: Steps

    private static func events(_ step: Scenario.Step, isFirst: Bool) -> [String] {
        let fields = step.fields
        let id = fields.string("id").map { "\"\($0)\"" }
        let result = ["outcome": fields.string("outcome").map { "\"\($0)\"" }, "duration": fields.int("duration_ms").map { "\"\($0)ms\"" }]
            .compactMap { key, value in value.map { "\"\(key)\":\($0)" } }.joined(separator: ",")
        switch step.operation {
        case "call": return ["\"call\":{\(result)}"]
        case "record": return ["\"record\":{\(result)}"]
        case "acquire": return [id.map { "\"admit\":\($0)" } ?? "\"withdraw\":1"]
        case "complete": return ["\"settle\":{\"name\":\(id!),\(result)}"]
        case "release", "cancel": return ["\"drop\":\(id!)"]
        case "force":
            let words = [
                "open": "trip", "half_open": "probe", "closed": "reset", "forced_open": "isolate", "disabled": "disable",
                "metrics_only": "observe",
            ]
            return ["\"control\":\"\(words[fields.string("state")!]!)\""]
        case "reserve_each": return ["\"acquire\":{\"times\":\(fields.int("count")!)}"]
        case "reserve":
            // A weight above a window's permits could never be served at once; one by one they are.
            let permits = fields.int("permits")!
            return ["\"acquire\":{\(permits > 1 ? "\"times\":\(permits)" : id.map { "\"name\":\($0)" } ?? "")}"]
        case "sample":
            let dropped = fields.bool("dropped") ?? false
            return ["\"sample\":{\"rtt\":\"\(fields.int("rtt_ms")!)ms\",\"inFlight\":\(fields.int("inflight")!),\"dropped\":\(dropped)}"]
        case "deposit": return ["\"deposit\":1"]
        case "withdraw": return ["\"withdraw\":1"]
        case "bounds": return ["\"delay\":\(fields.int("n")!)"]
        case "p":
            let (requests, accepts) = (fields.int("n")!, fields.int("s")!)
            return [("success", accepts), ("failure", requests - accepts)].filter { $0.1 > 0 }.map { outcome, times in
                "\"record\":{\"outcome\":\"\(outcome)\",\"times\":\(times)}"
            }
        default: return ["\"check\":{}"]
        }
    }

    private static func expectations(_ step: Scenario.Step, at number: Int) -> [ConvertedScenario.Expectation] {
        step.expectations.keys.map { key in
            let at = step.milliseconds
            return .init(
                step: number, key: key, actual: { ScenarioTerms.value(of: key, in: $0, at: at) },
                expected: ScenarioTerms.text(step.expectations.members[key]!))
        }
    }
}
