import HoldfastPolicyFiles
import Testing

@Suite struct BadPolicyTests {
    @Test(
        "What is wrong at the top of a document",
        arguments: [
            ("[]", "1:1: expected an object with a version, policies and routes, found an array"),
            ("{}", "1:1: missing key \"version\"\n1:1: missing key \"policies\""),
            (#"{"version":2,"policies":{}}"#, "1:12: version: version 2 is not one that this program reads; expected 1"),
            (#"{"version":"1","policies":{}}"#, #"1:12: version: expected a whole number, found the string "1"; write 1 without quotes"#),
            (#"{"version":1,"polices":{}}"#, #"1:14: polices: unknown key; did you mean "policies"?"#),
            (#"{"version":1,"policies":[]}"#, "1:25: policies: expected an object with policies by name, found an array"),
            (#"{"$schema":1,"version":1,"policies":{}}"#, "1:12: $schema: expected the schema's address, found the number 1"),
            (#"{"version":1,"policies":{"":{}}}"#, #"1:26: policies[""]: a name may not be empty"#),
            (
                #"{"version":1,"policies":{"a/b":{}}}"#,
                #"1:26: policies["a/b"]: a name may not contain /, which stands between a policy and its element"#
            ),
            (#"{"version":1,"policies":{"p":[]}}"#, "1:30: policies.p: expected an object with a pipeline and a fallback, found an array"),
            (#"{"version":1,"policies":{"p":{"pipelin":[]}}}"#, #"1:31: policies.p.pipelin: unknown key; did you mean "pipeline"?"#),
        ])
    func document(json: String, errors: String) {
        #expect(policyErrors(json) == errors)
    }

    @Test(
        "What is wrong with an element of a pipeline",
        arguments: [
            ("[]", ": expected an object with one policy by its kind, found an array"),
            (
                "{}",
                #": missing one of the keys "timeout", "retry", "circuitBreaker", "rateLimiter", "bulkhead", "adaptiveLimiter", "#
                    + #""throttle", "shed", "hedge" or "chaos""#
            ),
            (#"{"timeot":{"after":"1s"}}"#, #".timeot: unknown key; did you mean "timeout"?"#),
            (
                #"{"timeout":{"after":"1s"},"rateLimiter":{}}"#,
                #".rateLimiter: stands beside "timeout"; give only one of "timeout", "retry", "circuitBreaker", "rateLimiter", "#
                    + #""bulkhead", "adaptiveLimiter", "throttle", "shed", "hedge" and "chaos""#
            ),
            (#"{"fallback":[]}"#, #": a fallback stands beside the pipeline, as the policy's own "fallback", not in it"#),
            (
                #"{"timeout":{"after":"1s","name":"a/b"}}"#,
                ".timeout.name: a name may not contain /, which stands between a policy and its element"
            ),
            (#"{"timeout":{"after":"1s","enabled":"yes"}}"#, #".timeout.enabled: expected true or false, found the string "yes""#),
            (
                #"{"timeout":{"after":"1s","shared":"x"}}"#,
                #".timeout.shared: unknown key; expected "defaults", "name", "enabled", "after", "onExpiry", "idle" or "adaptive""#
            ),
            (#"{"timeout":{}}"#, #".timeout: missing key "after""#),
            (#"{"timeout":{"after":"0s"}}"#, #".timeout.after: "0s" is not above zero"#),
            (#"{"timeout":{"after":250}}"#, #".timeout.after: expected a duration, such as "250ms", found the number 250"#),
            (
                #"{"rateLimiter":{"tokenBucket":{"permits":0,"per":"1s","burst":1}}}"#,
                ".rateLimiter.tokenBucket.permits: 0 is outside 1...1000000000"
            ),
            (
                #"{"rateLimiter":{"tokenBucket":{"permits":1,"per":"1s","burst":1},"maxWait":"-1s"}}"#,
                #".rateLimiter.maxWait: expected a duration such as "250ms", "1.5s" or "2m" (units ns, us, ms, s, m, h), found "-1s""#
            ),
        ])
    func element(json: String, error: String) {
        #expect(elementErrors(json) == "policies.p.pipeline[0]\(error)")
    }

    @Test(
        "What is wrong with a circuit breaker",
        arguments: [
            (
                #""window":{"count":100},"minimumCalls":200"#,
                ".minimumCalls: 200 is above the count window and would never be reached; give 1...100"
            ),
            (#""open":{"for":"5s","max":"2s"}"#, #".open.max: "2s" is below open.for, 5.0 seconds"#),
            (#""open":{"for":"90s"}"#, ".open: open.max, 60.0 seconds, is below open.for, 90.0 seconds"),
            (#""open":{"factor":0.5}"#, ".open.factor: 0.5 is not a finite number of at least 1.0"),
            (#""open":{"jitter":2}"#, ".open.jitter: 2 is outside 0.0...1.0"),
            (#""window":{"time":"4s","buckets":5}"#, ".window.buckets: 5 is outside 10...60"),
            (#""window":{"count":1,"time":"1s"}"#, #".window.time: stands beside "count"; give only one of "count" and "time""#),
            (#""window":{"count":1,"buckets":10}"#, #".window.buckets: unknown key; expected "count" or "time""#),
            (#""window":"4s""#, #".window: expected an object with a count or a time, found the string "4s""#),
            (#""halfOpen":{"probes":0}"#, ".halfOpen.probes: 0 is outside 1...10000"),
            (#""failureRate":50"#, ".failureRate: 50 is outside 0.0...1.0"),
            (#""consecutiveFailures":0"#, ".consecutiveFailures: 0 is outside 1...1000000"),
            (#""slowCalls":{"over":"1s"}"#, #".slowCalls: missing key "rate""#),
            (#""slowCalls":{"over":"0s","rate":0.5}"#, #".slowCalls.over: "0s" is not above zero"#),
            (#""failures":["UNAVALABLE"]"#, #".failures[0]: "UNAVALABLE" is no status code; did you mean "UNAVAILABLE"?"#),
            (
                #""failures":["ABORTED"],"ignore":["ABORTED"]"#,
                #".ignore: ["ABORTED"] cannot be a failure and ignored at once; name it in one list only"#
            ),
            (#""state":"closed""#, #".state: expected "automatic", "isolated", "disabled" or "observing", found "closed""#),
            (
                #""scope":"endpoint","shared":"b""#,
                #": a breaker for each endpoint cannot be "shared"; give one of "shared" and "scope""#
            ),
            (#""shared":"""#, #".shared: expected the name of a shared gate, found the string """#),
            (#""minimumCals":1"#, #".minimumCals: unknown key; did you mean "minimumCalls"?"#),
        ])
    func circuitBreaker(fields: String, error: String) {
        #expect(elementErrors("{\"circuitBreaker\":{\(fields)}}") == "policies.p.pipeline[0].circuitBreaker\(error)")
    }

    @Test(
        "What is wrong with a fallback",
        arguments: [
            ("true", ": expected an array of fallback steps, found true"),
            ("[]", ": a fallback needs at least one step; remove it if nothing shall answer"),
            (
                #"{"steps":[{"handler":"h"}],"singleFlight":1}"#,
                ".singleFlight: expected true or false, found the number 1"
            ),
            (#"{"steps":[{"handler":"h"}],"on":["timeot"]}"#, #".on[0]: "timeot" is no kind of failure; did you mean "timeout"?"#),
            (#"[{"target":{}}]"#, #"[0].target: missing key "endpoint""#),
            (#"[{"target":{"endpoint":"b","timeout":"0s"}}]"#, #"[0].target.timeout: "0s" is not above zero"#),
            (#"[{"lastGod":{"maxAge":"1s"}}]"#, #"[0].lastGod: unknown key; did you mean "lastGood"?"#),
            (#"[{"lastGood":{}}]"#, #"[0].lastGood: missing key "maxAge""#),
            (#"[{"lastGood":{"maxAge":"0s"}}]"#, #"[0].lastGood.maxAge: "0s" is not above zero"#),
            (#"[{"lastGood":{"maxAge":"1s","maxEntries":0}}]"#, "[0].lastGood.maxEntries: 0 is outside 1...10000000"),
            (#"[{"handler":1}]"#, "[0].handler: expected the name of a handler, found the number 1"),
        ])
    func fallback(json: String, error: String) {
        let errors = policyErrors("{\"version\":1,\"policies\":{\"p\":{\"fallback\":\(json)}}}")
        #expect(errors?.split(separator: " ", maxSplits: 1).last.map(String.init) == "policies.p.fallback\(error)")
    }

    @Test(
        "What is wrong with a route",
        arguments: [
            (#""*":"sya""#, #"["*"]: there is no policy "sya"; did you mean "say"?"#),
            (#""*":"elsewhere""#, #"["*"]: there is no policy "elsewhere"; expected "say""#),
            (#""a.B":"say""#, #"["a.B"]: expected "package.Service/Method", "package.Service/*" or "*" as a route; did you mean "a.B/*"?"#),
            (
                #""/a.B/C":"say""#,
                #"["/a.B/C"]: expected "package.Service/Method", "package.Service/*" or "*" as a route; did you mean "a.B/C"?"#
            ),
            (#""a.B/C":{}"#, #"["a.B/C"]: missing key "policy""#),
            (#""a.B/C":{"policy":"say","idempotent":1}"#, #"["a.B/C"].idempotent: expected true or false, found the number 1"#),
            (
                #""a.B/C":{"policy":"say","criticality":"critcal"}"#,
                #"["a.B/C"].criticality: expected "criticalPlus", "critical", "sheddablePlus" or "sheddable", "#
                    + #"found "critcal"; did you mean "critical"?"#
            ),
            (#""a.B/C":{"policy":"say","idempotant":true}"#, #"["a.B/C"].idempotant: unknown key; did you mean "idempotent"?"#),
        ])
    func route(json: String, error: String) {
        let errors = policyErrors("{\"version\":1,\"policies\":{\"say\":{}},\"routes\":{\(json)}}")
        #expect(errors?.split(separator: " ", maxSplits: 1).last.map(String.init) == "routes\(error)")
    }

    @Test("An element's name is its own, given or not")
    func names() {
        #expect(
            policyErrors(
                """
                {"version":1,"policies":{"p":{
                  "pipeline":[{"timeout":{"after":"1s"}},{"timeout":{"after":"1s","name":"timeout"}},{"rateLimiter":
                    {"tokenBucket":{"permits":1,"per":"1s","burst":1},"name":"fallback"}}],
                  "fallback":[{"handler":"h"}]}}}
                """) == """
                    2:74: policies.p.pipeline[1].timeout.name: the name "timeout" is taken by policies.p.pipeline[0].timeout; give another "name"
                    4:14: policies.p.fallback: the name "fallback" is taken by policies.p.pipeline[2].rateLimiter.name; give another "name"
                    """)
    }

    @Test("A shared gate has the same settings wherever it is named")
    func sharedGates() {
        #expect(
            policyErrors(
                """
                {"version":1,"policies":{
                  "a":{"pipeline":[{"circuitBreaker":{"shared":"b","minimumCalls":5}}]},
                  "b":{"pipeline":[{"circuitBreaker":{"shared":"b","minimumCalls":6}}]}}}
                """) == """
                    3:38: policies.b.pipeline[0].circuitBreaker: the settings differ from those of the same shared gate at \
                    policies.a.pipeline[0].circuitBreaker on line 2; give both the same
                    """)
    }

    @Test("All errors of a file come in one run, also several that only the core can see")
    func allErrors() {
        #expect(
            policyErrors(
                """
                {"version":1,
                 "policies":{"p":{"pipeline":[
                   {"circuitBreaker":{"window":{"count":10},"minimumCalls":11,"failureRate":2,"open":{"for":"5s","max":"1s","jitter":9},
                                      "halfOpen":{"probes":0}}},
                   {"timeout":{"after":1}}]}},
                 "routes":{"*":"q"}}
                """) == """
                    3:60: policies.p.pipeline[0].circuitBreaker.minimumCalls: 11 is above the count window and would never be reached; give 1...10
                    3:77: policies.p.pipeline[0].circuitBreaker.failureRate: 2 is outside 0.0...1.0
                    3:104: policies.p.pipeline[0].circuitBreaker.open.max: "1s" is below open.for, 5.0 seconds
                    3:118: policies.p.pipeline[0].circuitBreaker.open.jitter: 9 is outside 0.0...1.0
                    4:44: policies.p.pipeline[0].circuitBreaker.halfOpen.probes: 0 is outside 1...10000
                    5:24: policies.p.pipeline[1].timeout.after: expected a duration, such as "250ms", found the number 1
                    6:16: routes["*"]: there is no policy "q"; expected "p"
                    """)
    }
}

/// The errors of a policy document without the file's name, or nil if it is accepted.
func policyErrors(_ json: String) -> String? {
    do {
        _ = try PolicyDocument(file: "f", bytes: Array(json.utf8))
        return nil
    } catch {
        return error.diagnostics.map { String($0.description.dropFirst("f:".count)) }.joined(separator: "\n")
    }
}

/// The one error of a pipeline with that element, without its position.
func elementErrors(_ json: String) -> String? {
    policyErrors("{\"version\":1,\"policies\":{\"p\":{\"pipeline\":[\(json)]}}}")?
        .split(separator: " ", maxSplits: 1).last.map(String.init)
}
