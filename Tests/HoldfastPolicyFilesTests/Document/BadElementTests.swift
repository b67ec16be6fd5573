import HoldfastPolicyFiles
import Testing

@Suite("What is wrong with an element, kind by kind")
struct BadElementTests {
    @Test(
        "Timeout, rate limiter and bulkhead",
        arguments: [
            (#"{"timeout":{"after":"1s","idle":"0s"}}"#, #".timeout.idle: "0s" is not above zero"#),
            (#"{"timeout":{"after":"1s","onExpiry":"leave"}}"#, #".timeout.onExpiry: expected "wait" or "abandon", found "leave""#),
            (#"{"timeout":{"after":"1s","adaptive":{"quantile":1}}}"#, ".timeout.adaptive.quantile: 1 is not above 0 and below 1"),
            (#"{"timeout":{"after":"1s","adaptive":{"minimum":"2s"}}}"#, #".timeout.adaptive.minimum: "2s" is above after, 1.0 seconds"#),
            (
                #"{"rateLimiter":{}}"#,
                #".rateLimiter: missing one of the keys "tokenBucket", "slidingWindow", "fixedWindow" or "pacing""#
            ),
            (#"{"rateLimiter":{"slidingWindow":{"permits":1,"per":"0s"}}}"#, #".rateLimiter.slidingWindow.per: "0s" is not above zero"#),
            (
                #"{"rateLimiter":{"fixedWindow":{"permits":1,"per":"1s"},"key":"metod"}}"#,
                #".rateLimiter.key: expected "none", "method" or "peer", found "metod"; did you mean "method"?"#
            ),
            (
                #"{"rateLimiter":{"fixedWindow":{"permits":1,"per":"1s"},"key":{"metadat":"x"}}}"#,
                #".rateLimiter.key.metadat: unknown key; did you mean "metadata"?"#
            ),
            (
                #"{"rateLimiter":{"fixedWindow":{"permits":1,"per":"1s"},"warmUp":{"over":"1s","from":0}}}"#,
                ".rateLimiter.warmUp.from: 0 is not above 0 and at most 1"
            ),
            (
                #"{"rateLimiter":{"pacing":{"permits":1,"per":"1s"},"maxKeys":0}}"#,
                ".rateLimiter.maxKeys: 0 is outside 1...10000000"
            ),
            (#"{"bulkhead":{}}"#, #".bulkhead: missing key "maxConcurrent""#),
            (#"{"bulkhead":{"maxConcurrent":0}}"#, ".bulkhead.maxConcurrent: 0 is outside 1...1000000"),
            (
                #"{"bulkhead":{"maxConcurrent":1,"order":"lifo"}}"#,
                #".bulkhead.order: expected "fifo" or "adaptiveLifo", found "lifo"; did you mean "fifo"?"#
            ),
        ])
    func limits(json: String, error: String) {
        #expect(elementErrors(json) == "policies.p.pipeline[0]\(error)")
    }

    @Test(
        "Retry and hedge",
        arguments: [
            (#"{"retry":{"maxAttempts":101}}"#, ".retry.maxAttempts: 101 is outside 1...100"),
            (#"{"retry":{"backoff":{}}}"#, #".retry.backoff: missing one of the keys "constant", "linear" or "exponential""#),
            (
                #"{"retry":{"backoff":{"exponential":{"base":"5s","max":"1s"}}}}"#,
                #".retry.backoff.exponential.max: "1s" is below backoff.exponential.base, 5.0 seconds"#
            ),
            (
                #"{"retry":{"backoff":{"exponential":{"factor":0.5}}}}"#,
                ".retry.backoff.exponential.factor: 0.5 is not a finite number of at least 1.0"
            ),
            (
                #"{"retry":{"backoff":{"linear":{"base":"0s","step":"1s","max":"2s"},"jitter":"decorrelated"}}}"#,
                #".retry.backoff.linear.base: "0s" is not above zero"#
            ),
            (
                #"{"retry":{"backoff":{"constant":{"delay":"1s"},"jitter":"ful"}}}"#,
                #".retry.backoff.jitter: expected "none", "full", "equal" or "decorrelated", found "ful"; did you mean "full"?"#
            ),
            (#"{"retry":{"budget":{"ratio":-1}}}"#, ".retry.budget.ratio: -1 is outside 0.0...100.0"),
            (
                #"{"retry":{"budget":{"grpcThrottle":{"maxTokens":0,"tokenRatio":1}}}}"#,
                ".retry.budget.grpcThrottle.maxTokens: 0 is outside 1...1000"
            ),
            (
                #"{"retry":{"budget":{"grpcThrottle":{"maxTokens":1,"tokenRatio":1},"ratio":1}}}"#,
                #".retry.budget.ratio: unknown key; expected "shared", "grpcThrottle" or "tokenBucket""#
            ),
            (#"{"retry":{"on":["OK"]}}"#, #".retry.on: ["OK"] is no failure; name codes of failures"#),
            (
                #"{"retry":{"rules":[{"on":["ABORTED"],"maxAttempts":0}]}}"#,
                ".retry.rules[0].maxAttempts: 0 is outside 1...100"
            ),
            (#"{"retry":{"rules":[{"on":["OK"]}]}}"#, #".retry.rules[0].on: ["OK"] is no failure; name codes of failures"#),
            (
                #"{"retry":{"shared":"x"}}"#,
                #".retry.shared: unknown key; expected "defaults", "name", "enabled", "maxAttempts", "backoff", "on", "rules", "#
                    + #""retryAfterMax" or "budget""#
            ),
            (#"{"hedge":{}}"#, #".hedge: missing key "after""#),
            (#"{"hedge":{"after":{"quantile":1}}}"#, ".hedge.after.quantile: 1 is not above 0 and below 1"),
            (#"{"hedge":{"after":"1s","maxExtra":11}}"#, ".hedge.maxExtra: 11 is outside 1...10"),
            (
                #"{"hedge":{"after":"1s","budget":{"window":"1ms"}}}"#,
                #".hedge.budget.window: "1ms" is outside 0.1 seconds...86400.0 seconds"#
            ),
        ])
    func repeats(json: String, error: String) {
        #expect(elementErrors(json) == "policies.p.pipeline[0]\(error)")
    }

    @Test(
        "Adaptive limiter, throttle, shedder and chaos",
        arguments: [
            (#"{"adaptiveLimiter":{}}"#, #".adaptiveLimiter: missing one of the keys "aimd", "vegas" or "gradient2""#),
            (#"{"adaptiveLimiter":{"vegas":{"smoothing":0}}}"#, ".adaptiveLimiter.vegas.smoothing: 0 is not above 0.0 and up to 1.0"),
            (#"{"adaptiveLimiter":{"vegas":{"alpha":{"share":2}}}}"#, ".adaptiveLimiter.vegas.alpha.share: 2 is outside 0.0...1.0"),
            (
                #"{"adaptiveLimiter":{"vegas":{"alpha":{}}}}"#,
                #".adaptiveLimiter.vegas.alpha: missing one of the keys "logarithmic" or "share""#
            ),
            (#"{"adaptiveLimiter":{"gradient2":{"longWindow":1}}}"#, ".adaptiveLimiter.gradient2.longWindow: 1 is outside 10...1000000"),
            (#"{"adaptiveLimiter":{"aimd":{},"initial":2000}}"#, ".adaptiveLimiter.initial: 2000 is outside 4...1000"),
            (#"{"adaptiveLimiter":{"aimd":{},"minimum":10,"maximum":5}}"#, ".adaptiveLimiter.minimum: 10 is outside 1...5"),
            (#"{"throttle":{"k":0.5}}"#, ".throttle.k: 0.5 is outside 1.0...1000.0"),
            (#"{"shed":{}}"#, #".shed: missing key "signals""#),
            (
                #"{"shed":{"signals":{"cpu":{"enter":0.5,"leave":0.7}}}}"#,
                ".shed.signals.cpu.leave: 0.7 is not from 0.0 up to, but not including, enter, 0.5"
            ),
            (#"{"shed":{"signals":{"cpu":{"enter":0.9}}}}"#, #".shed.signals.cpu: missing key "leave""#),
            (#"{"shed":{"signals":{"cpu":{"enter":0.9,"leave":0.5}},"hold":"0s"}}"#, #".shed.hold: "0s" is not above zero"#),
            (#"{"chaos":{}}"#, #".chaos: injects nothing; give at least one of "fault", "latency" or "outcome""#),
            (#"{"chaos":{"fault":{"rate":2}}}"#, ".chaos.fault.rate: 2 is outside 0.0...1.0"),
            (
                #"{"chaos":{"fault":{"rate":1,"code":"OK"}}}"#,
                #".chaos.fault.code: "OK" is no failure; name a code of one, or inject an "outcome""#
            ),
            (#"{"chaos":{"latency":{"rate":1,"delay":"0s"}}}"#, #".chaos.latency.delay: "0s" is not above zero"#),
        ])
    func others(json: String, error: String) {
        #expect(elementErrors(json) == "policies.p.pipeline[0]\(error)")
    }

    @Test("A shared budget has the same settings wherever it is named")
    func sharedBudgets() {
        #expect(
            policyErrors(
                """
                {"version":1,"policies":{
                  "a":{"pipeline":[{"retry":{"budget":{"shared":"b","ratio":0.1}}}]},
                  "b":{"pipeline":[{"hedge":{"after":"1s","budget":{"shared":"b","ratio":0.1,"window":"1s"}}}]}}}
                """) == """
                    3:52: policies.b.pipeline[0].hedge.budget: the settings differ from those of the same shared budget at \
                    policies.a.pipeline[0].retry.budget on line 2; give both the same
                    """)
    }
}
