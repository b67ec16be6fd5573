import HoldfastPolicyFiles
import Testing

@Suite("Policy replay")
struct PolicyReplayTests {
    @Test("S11: a call of a trace ends by itself after its duration, also while others run")
    func overlappingCalls() async throws {
        let lines = try await replay(
            """
            {"version":1,"circuitBreaker":{"window":{"count":10},"minimumCalls":2,"open":{"for":"1s","jitter":0}},"steps":[
             {"at":"0s","call":{"outcome":"failure","duration":"30ms"}},{"at":"10ms","call":{"outcome":"failure","duration":"10ms"}},
             {"at":"29ms","check":{}},{"at":"30ms","check":{}},{"at":"1s","call":{}},{"at":"1.03s","call":{}}]}
            """)
        #expect(lines.map { $0.int("failed") } == [0, 0, 1, 2, 2, 0])
        #expect(lines.map { $0.string("state") } == ["closed", "closed", "closed", "open", "open", "halfOpen"])
        #expect(lines[4].string("reason") == "open" && lines[4].double("retryAfter") == 30)
        #expect(lines[3].objects("events").first?.string("type") == "stateChanged")
        #expect(lines[3].objects("events").first?.double("at") == 30)
    }

    @Test("S21: steps may run backwards; the policy goes by the latest time it saw")
    func backwards() async throws {
        let lines = try await replay(
            """
            {"version":1,"rateLimiter":{"tokenBucket":{"permits":1,"per":"1s","burst":1}},"steps":[
             {"at":"5s","acquire":1},{"at":"1s","acquire":1},{"at":"6s","acquire":1}]}
            """)
        #expect(lines.map { $0.bool("admitted") } == [true, false, true])
    }

    @Test("A recorded attempt is as slow as the trace says, though no time passes")
    func recordedDurations() async throws {
        let lines = try await replay(
            """
            {"version":1,"circuitBreaker":{"window":{"count":10},"slowCalls":{"over":"1s","rate":1}},"steps":[
             {"at":"0s","record":{"duration":"1s"}},{"at":"0s","record":{"duration":"1001ms","times":3}}]}
            """)
        #expect(lines.map { $0.int("slow") } == [0, 3])
    }

    @Test("S51: who leaves a queue is told of, with the time; one that is dropped costs nothing")
    func queue() async throws {
        let lines = try await replay(
            """
            {"version":1,"bulkhead":{"maxConcurrent":1,"maxQueued":2,"maxWait":"1s"},"steps":[
             {"at":"0s","admit":"a"},{"at":"0s","admit":"b"},{"at":"0s","admit":"c"},{"at":"100ms","drop":"b"},
             {"at":"200ms","settle":"a"},{"at":"300ms","admit":"d"},{"at":"2s","check":{}}]}
            """)
        #expect(lines[1].string("decision") == "waiting")
        #expect(lines[3].objects("served").map { $0.string("decision") } == ["cancelled"])
        #expect(lines[4].objects("served").map { $0.string("name") } == ["c"])
        let expired = try #require(lines[6].objects("served").first)
        #expect(expired.string("decision") == "waitedTooLong" && expired.double("at")! >= 1300)
    }

    @Test("S61: delays come with their bounds, and from the seed")
    func delays() async throws {
        let json = """
            {"version":1,"seed":7,"backoff":{"exponential":{"base":"100ms","max":"1s"},"jitter":"equal"},"steps":[
             {"at":"0s","delay":1},{"at":"0s","delay":4},{"at":"0s","delay":{"retry":10000,"previous":"1s"}}]}
            """
        let lines = try await replay(json)
        #expect(lines.map { $0.double("lower") } == [50, 400, 500])
        #expect(lines.map { $0.double("upper") } == [100, 800, 1000])
        let again = try await replay(json)
        #expect(lines.map { $0.double("delay") } == again.map { $0.double("delay") })
    }

    @Test("S60: a retry says whether it tries again, after what wait, and why not")
    func retries() async throws {
        let lines = try await replay(
            """
            {"version":1,"retry":{"maxAttempts":2,"backoff":{"constant":{"delay":"1s"},"jitter":"none"}},"steps":[
             {"at":"0s","start":"a"},{"at":"0s","end":{"name":"a","code":"UNAVAILABLE","retryAfter":"2s"}},
             {"at":"2s","end":{"name":"a","outcome":"timeout"}},
             {"at":"3s","start":{"name":"b","idempotent":false}},{"at":"3s","end":{"name":"b","code":"UNAVAILABLE"}},
             {"at":"4s","start":"c"},{"at":"4s","end":{"name":"c","code":"NOT_FOUND"}},{"at":"5s","start":"d"},{"at":"5s","end":{"name":"d"}}]}
            """)
        #expect([1, 2, 4, 6, 8].map { lines[$0].string("decision") } == ["again", "stop", "stop", "stop", "done"])
        #expect(lines[1].double("wait") == 2000)
        #expect(lines[2].objects("events").first?.string("because") == "all 2 attempts are made")
    }

    @Test("S65: a hedge's attempts over time; a failure waits, an answer ends the call")
    func hedge() async throws {
        let lines = try await replay(
            """
            {"version":1,"hedge":{"after":"100ms","maxExtra":2},"steps":[
             {"at":"0s","start":"a"},{"at":"100ms","check":{}},{"at":"150ms","end":{"name":"a","attempt":2,"outcome":"failure"}},
             {"at":"160ms","end":{"name":"a","attempt":1}}]}
            """)
        #expect(lines.map { $0.int("attemptsInFlight") } == [1, 2, 2, 0])
        #expect(lines[3].objects("ended").first?.string("outcome") == "answered")
    }

    @Test("S62: a budget by itself: deposits, withdrawals, and gRPC's throttle")
    func budgets() async throws {
        let share = try await replay(
            """
            {"version":1,"budget":{"ratio":0.5,"minimumPerSecond":0,"window":"10s"},"steps":[
             {"at":"0s","deposit":4},{"at":"0s","withdraw":3},{"at":"20s","withdraw":1}]}
            """)
        #expect(share[1].int("allowedCount") == 2 && share[1].bool("allowed") == false && share[2].bool("allowed") == false)
        let throttle = try await replay(
            """
            {"version":1,"budget":{"grpcThrottle":{"maxTokens":4,"tokenRatio":0.5}},"steps":[
             {"at":"0s","record":{"outcome":"failure"}},{"at":"0s","withdraw":1},{"at":"0s","record":{"outcome":"failure"}},
             {"at":"0s","withdraw":1},{"at":"0s","record":{"outcome":"success"}},{"at":"0s","withdraw":1}]}
            """)
        #expect(throttle.map { $0.double("balance") } == [3, 3, 2, 2, 2.5, 2.5])
        #expect([1, 3, 5].map { throttle[$0].bool("allowed") } == [true, false, true])
    }

    @Test("S34: a shedder gives up the least critical calls first")
    func shed() async throws {
        let lines = try await replay(
            """
            {"version":1,"shed":{"signals":{"cpu":{"enter":0.9,"leave":0.7}}},"steps":[
             {"at":"0s","pressure":{"cpu":0.95}},{"at":"200ms","admit":{"criticality":"sheddable"}},{"at":"200ms","admit":{}},
             {"at":"200ms","pressure":{"cpu":0.5}},{"at":"1m","check":{}},{"at":"1m","control":"holdCritical"}]}
            """)
        #expect(lines.map { $0.string("level") } == [nil, "sheddable", "sheddable", "sheddable", nil, "critical"])
        #expect(lines[1].string("reason") == "shed" && lines[2].bool("admitted") == true)
    }

    @Test("S54: new settings go in force between two steps")
    func reconfigure() async throws {
        let lines = try await replay(
            """
            {"version":1,"bulkhead":{"maxConcurrent":1},"steps":[{"at":"0s","admit":"a"},{"at":"0s","admit":"b"},
             {"at":"1s","reconfigure":{"maxConcurrent":2}},{"at":"1s","admit":"c"}]}
            """)
        #expect(lines.map { $0.bool("admitted") } == [true, false, nil, true])
    }

    @Test("A refused call is settled in vain, since a trace need not know who is let through")
    func refusedCall() async throws {
        let lines = try await replay(
            """
            {"version":1,"bulkhead":{"maxConcurrent":1},"steps":[{"at":"0s","admit":"a"},{"at":"0s","admit":"b"},{"at":"0s","settle":"b"}]}
            """)
        #expect(lines[2].bool("settled") == false && lines[2].int("running") == 1)
    }

    @Test(
        "What is wrong with a trace",
        arguments: [
            ("{}", "1:1: missing key \"version\"\n"),
            (#"{"version":1,"breaker":{},"steps":[]}"#, #"1:1: missing one of the keys "circuitBreaker", "rateLimiter""#),
            (#"{"version":1,"window":{"count":4},"bulkhead":{},"steps":[]}"#, #"1:35: bulkhead: stands beside "window""#),
            (#"{"version":1,"window":{"count":4},"seed":-1,"steps":[]}"#, "1:42: seed: expected a whole number of at least 0"),
            (#"{"version":1,"window":{"count":4},"steps":[{"check":{}}]}"#, #"1:44: steps[0]: missing key "at""#),
            (
                #"{"version":1,"window":{"count":4},"steps":[{"at":"0s","admit":"a"}]}"#,
                #"1:55: steps[0].admit: means nothing to a window; expected "record" or "check""#
            ),
            (
                #"{"version":1,"bulkhead":{"maxConcurrent":1},"steps":[{"at":"0s","settle":"a"}]}"#,
                #"1:74: steps[0].settle: no call "a" has begun"#
            ),
            (
                #"{"version":1,"bulkhead":{"maxConcurrent":1},"steps":[{"at":"0s","admit":"a"},{"at":"0s","drop":"a"},{"at":"0s","drop":"a"}]}"#,
                #"1:119: steps[2].drop: the call "a" has ended already"#
            ),
            (
                #"{"version":1,"bulkhead":{"maxConcurrent":1},"steps":[{"at":"0s","admit":"a"},{"at":"0s","admit":"a"}]}"#,
                #"1:97: steps[1].admit: the call "a" has not ended yet"#
            ),
            (
                #"{"version":1,"circuitBreaker":{},"steps":[{"at":"0s","control":"isolat"}]}"#,
                #"1:64: steps[0].control: expected "isolate", "disable""#
            ),
            (
                #"{"version":1,"circuitBreaker":{},"steps":[{"at":"0s","record":{"outcome":"failure","code":"ABORTED"}}]}"#,
                #"1:91: steps[0].record.code: stands beside "outcome""#
            ),
            (
                #"{"version":1,"circuitBreaker":{},"steps":[{"at":"0s","reconfigure":{"failureRate":2}}]}"#,
                "1:83: steps[0].reconfigure.failureRate: 2 is outside 0.0...1.0"
            ),
            (#"{"version":1,"backoff":{"constant":{}},"steps":[]}"#, #"1:36: backoff.constant: missing key "delay""#),
            (#"{"version":1,"window":{"time":"1s","buckets":0},"steps":[]}"#, "1:46: window.buckets: expected a whole number from 1 to 60"),
        ])
    func badTraces(json: String, error: String) {
        #expect(traceErrors(json).hasPrefix(error), "\(traceErrors(json))")
    }
}
