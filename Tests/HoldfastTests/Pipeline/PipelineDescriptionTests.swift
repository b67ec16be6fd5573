import HoldfastVirtualTime
import Testing

@testable import Holdfast

@Suite("Pipeline: introspection")
struct PipelineDescriptionTests {
    @Test("A pipeline prints its stages, outermost first, with what each does")
    func description() throws {
        // The pipeline of design.md.
        let say = try Pipeline("say") {
            try Timeout(after: .milliseconds(800))
            try Retry(maxAttempts: 3, backoff: .exponential(base: .milliseconds(50)))
            CircuitBreaker("say", try .init(window: .time(.seconds(30)), minimumCalls: 20, failureRate: 0.5))
            RateLimiter("say", try .perSecond(100, burst: 20))
            try Timeout("attempt", after: .milliseconds(250))
        }
        #expect(
            "\(say)" == """
                pipeline "say", outermost first:
                  [0] timeout "timeout": ends what is inside it after 800 ms
                  [1] retry "retry": makes up to 3 attempts when they fail with UNAVAILABLE, timeout or connection, 50 ms and 2 times as much \
                each time up to 2 s apart (full jitter), within a budget of 20 % of the calls and 3 a second, over 10 s
                  [2] circuitBreaker "say": opens for 5 s, growing to 60 s, when 50 % of at least 20 calls in 30 s fail; 3 probes then decide
                  [3] rateLimiter "say": lets 100 calls a second through, 20 at once
                  [4] timeout "attempt": ends what is inside it after 250 ms
                """)
        #expect("\(Pipeline("none", []))" == "pipeline \"none\", without policies")
    }

    @Test("Descriptions for programs carry place, kind, name, summary and counters as they are now")
    func descriptions() async throws {
        let bulkhead = Bulkhead("room", try .init(maxConcurrent: 2))
        let pipeline = Pipeline("p", [.gate(bulkhead), .timeout(try Timeout(after: .seconds(1)))])
        _ = try await pipeline.run { _ in 1 }
        bulkhead.reconfigure(try .init(maxConcurrent: 3))
        let descriptions = pipeline.descriptions
        #expect(descriptions.map(\.index) == [0, 1])
        #expect(descriptions.map(\.kind) == [.bulkhead, .timeout])
        #expect(descriptions.map(\.name) == ["room", "timeout"])
        #expect(descriptions[0].summary == "lets 3 calls run at once")
        #expect(descriptions[0].counters.admitted == 1)
    }

    @Test("A policy of somebody else's is described by kind and name")
    func foreign() {
        #expect(TicketGauge(.system).summary == "a policy of kind \(TicketGauge(.system).kind), named \"\(TicketGauge(.system).name)\"")
    }

    @Test("Every policy says what it does, with its settings in force", arguments: summaries())
    func summary(row: (policy: any Policy, summary: String)) {
        #expect(row.policy.summary == row.summary)
    }

    private static func summaries() -> [(policy: any Policy, summary: String)] {
        var rows: [(policy: any Policy, summary: String)] = []
        func row(_ policy: any Policy, _ summary: String) { rows.append((policy, summary)) }
        // The settings are within their ranges, so making them never throws.
        try! row(Timeout("t", .init(after: .milliseconds(1500))), "ends what is inside it after 1.5 s")
        try! row(
            Timeout("t", .init(after: .seconds(1), onExpiry: .abandon, idle: .seconds(5), adaptive: .init())),
            "ends what is inside it after 1 s, or sooner, after 1.5 times what 99 % of successes take, but not before 1 ms, and leaves it "
                + "behind; a stream after 5 s of silence"
        )
        try! row(
            Timeout("t", .init(after: .seconds(600)), perCall: { .seconds(1) }),
            "ends what is inside it after 10 min, or sooner, as each call is given"
        )
        try! row(
            Retry("r", .init(maxAttempts: 2, backoff: .constant(.milliseconds(10), jitter: .none), budget: nil)),
            "makes up to 2 attempts when they fail with UNAVAILABLE, timeout or connection, 10 ms apart, without a budget"
        )
        try! row(
            Retry(
                "r",
                .init(
                    maxAttempts: 1, backoff: .linear(base: .zero, step: .milliseconds(1), max: .seconds(1), jitter: .equal),
                    on: .init(origins: [.rejected]), rules: [.init(on: .init(codes: [.aborted]))],
                    budget: .grpcThrottle(maxTokens: 10, tokenRatio: 0.1))),
            "makes up to 1 attempt when they fail with rejected (with 1 exception), 0 s and 1 ms more each time up to 1 s apart (equal "
                + "jitter), while a gRPC throttle of 10 tokens, 0.1 for each success, is more than half full"
        )
        try! row(
            Hedge("h", .init(after: .fixed(.milliseconds(100)), maxExtra: 2, budget: nil)),
            "starts up to 2 more attempts, each after another 100 ms without an answer, without a budget"
        )
        try! row(
            Hedge("h", .init(after: .quantile(0.95, minimumSamples: 100))),
            "starts up to 1 more attempt, each after the time that 95 % of calls need, once 100 samples are taken, within a budget of 10 % of "
                + "the calls and 3 a second, over 10 s"
        )
        try! row(
            CircuitBreaker(
                "b",
                .init(
                    window: .count(100), minimumCalls: 10, consecutiveFailures: 5, slowCalls: .init(over: .milliseconds(150), rate: 0.8),
                    open: .init(for: .seconds(2), factor: 1), halfOpen: .init(probes: 1))),
            "opens for 2 s when 50 % of at least 10 among the last 100 calls fail, 80 % of them take longer than 150 ms or 5 calls in a row "
                + "fail; 1 probe then decides"
        )
        try! row(CircuitBreaker("b", .init(failureRate: nil)), "opens only by hand")
        try! row(CircuitBreaker("b", .init(mode: .isolated)), "refuses every call")
        try! row(CircuitBreaker("b", .init(mode: .disabled)), "refuses no call and records nothing")
        try! row(
            CircuitBreaker("b", .init(failureRate: nil, mode: .observing)), "refuses no call; reports when it would: opens only by hand")
        try! row(
            RateLimiter("l", .init(.slidingWindow(permits: 5, per: .seconds(1)), maxWait: .milliseconds(500), maxQueued: 50)),
            "lets 5 calls through in any 1 s; up to 50 wait for at most 500 ms"
        )
        try! row(
            RateLimiter("l", .init(.fixedWindow(permits: 1, per: .seconds(60)), key: .metadata("tenant"))),
            "lets 1 call through in each 60 s, for each value of \"tenant\""
        )
        try! row(
            RateLimiter("l", .init(.pacing(permits: 3, per: .seconds(60)), warmUp: .init(over: .seconds(10), from: 0.125))),
            "lets 3 calls a minute through, evenly spaced, from 12.5 % of that rising over 10 s when cold"
        )
        try! row(
            Bulkhead("b", .init(maxConcurrent: 1, maxQueued: 2, maxWait: .microseconds(1500), order: .adaptiveLifo)),
            "lets 1 call run at once; up to 2 wait for at most 1.5 ms, the newest first under congestion"
        )
        try! row(AdaptiveLimiter("a", .init(.gradient2())), "lets 4 to 1000 calls run at once, as Gradient2 finds, 20 to begin with")
        row(AdaptiveThrottle(), "refuses calls beyond 2 times as many as the service accepted in the last 2 min")
        try! row(
            LoadShedder("s", .init(inFlight: .init(enter: 100, leave: 50), cpu: .init(enter: 0.9, leave: 0.7))),
            "gives up the least critical calls first when 100 calls in flight or cpu at 90 %; holds a level for 5 s"
        )
        try! row(
            Chaos(
                "c",
                .init(fault: .init(rate: 0.1, error: ChaosFault(code: .unavailable)), latency: .init(rate: 1, delay: .milliseconds(20)))),
            "off; would inject a wait of 20 ms into 100 % of calls and a fault into 10 % of calls"
        )
        row(Chaos("c", .init(isEnabled: true)), "injects nothing")
        try! row(
            Fallback<Int, Int>("f", .init([.lastGood(maxAge: .seconds(30)), .handler("cache") { _, _ in 1 }, .value(2)])),
            "answers failures that do not blame the caller with lastGood (up to 30 s old, 1000 of them), then cache, then value"
        )
        try! row(
            Fallback<Int, Int>(
                "f",
                .init(
                    [.target("other", timeout: .milliseconds(50)) { _, _ in 1 }], on: .init(codes: [.unavailable]), singleFlight: true)),
            "answers UNAVAILABLE with other (within 50 ms); equal calls share one answer"
        )
        return rows
    }

    @Test(
        "Times read exactly, in the unit that suits them",
        arguments: [
            (0, "0 s"), (1, "1 ns"), (999, "999 ns"), (1_500, "1.5 µs"), (1_000_001, "1.000001 ms"), (250_000_000, "250 ms"),
            (1_050_000_000, "1.05 s"), (60_000_000_000, "60 s"), (90_000_000_000, "90 s"), (120_000_000_000, "2 min"),
            (7_200_000_000_000, "2 h"), (.max, "more than 292 years"),
        ] as [(Int64, String)])
    func times(nanoseconds: Int64, words: String) {
        #expect(Words.time(nanoseconds) == words)
    }
}
