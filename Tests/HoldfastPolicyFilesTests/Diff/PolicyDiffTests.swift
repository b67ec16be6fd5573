import HoldfastPolicyFiles
import Testing

@Suite("PolicyDiff: what changes in behavior")
struct PolicyDiffTests {
    @Test(
        "Formatting, the order of keys and of policies, and defaults that are written out change nothing",
        arguments: [
            (
                #"{"p":{"pipeline":[{"retry":{}}]}}"#,
                #"{ "p" : { "pipeline" : [ { "retry": { "maxAttempts": 3, "retryAfterMax": "30000ms" } } ] } }"#
            ),
            (#"{"p":{},"q":{}}"#, #"{"q":{},"p":{}}"#),
            (#"{"p":{"pipeline":[{"timeout":{"after":"1s"}}]}}"#, #"{"p":{"pipeline":[{"timeout":{"name":"timeout","after":"1000ms"}}]}}"#),
            (
                #"{"p":{"fallback":[{"value":{"a":1,"b":[2.0]}}]}}"#,
                #"{"p":{"fallback":{"steps":[{"value":{"b":[2],"a":1.0}}],"singleFlight":false}}}"#
            ),
            (
                #"{"p":{"pipeline":[{"retry":{"budget":{}}}]}}"#,
                #"{"p":{"pipeline":[{"retry":{"budget":{"window":"10s","minimumPerSecond":3,"ratio":0.2}}}]}}"#
            ),
        ])
    func nothing(old: String, new: String) throws {
        let diff = try PolicyDiff(from: document(old), to: document(new))
        #expect(diff.isEmpty && diff.effects.isEmpty && diff.description == "no change in behavior")
    }

    @Test("One field is one change", arguments: PolicyDiffCases.fields)
    func fields(old: String, new: String, change: String) throws {
        let diff = try PolicyDiff(from: pipelineDocument(old), to: pipelineDocument(new))
        #expect(diff.changes.map(\.description) == [change])
        let back = try PolicyDiff(from: pipelineDocument(new), to: pipelineDocument(old))
        #expect(back.changes.count == 1 && back.changes.first?.old == diff.changes.first?.new)
    }

    @Test("Elements come, go and move; of those that stay in order none is said to move")
    func elements() throws {
        let diff = try PolicyDiff(
            from: pipelineDocument(#"{"timeout":{"after":"1s"}},{"retry":{}},{"circuitBreaker":{}},{"bulkhead":{"maxConcurrent":1}}"#),
            to: pipelineDocument(#"{"circuitBreaker":{}},{"timeout":{"after":"1s"}},{"retry":{}},{"throttle":{}}"#))
        #expect(
            diff.changes.map(\.description) == [
                "- p/bulkhead: bulkhead", "+ p/throttle: throttle", "> p/circuitBreaker: from place 2 to place 0",
            ])
    }

    @Test("Another kind under the same name is another element")
    func kind() throws {
        let diff = try PolicyDiff(
            from: pipelineDocument(#"{"throttle":{"name":"x"}}"#), to: pipelineDocument(#"{"circuitBreaker":{"name":"x"}}"#))
        #expect(diff.changes.map(\.description) == ["- p/x: throttle", "+ p/x: circuitBreaker"])
    }

    @Test("Sections come and go as a whole")
    func sections() throws {
        let with = #"{"circuitBreaker":{"slowCalls":{"over":"1s","rate":0.5}}}"#
        let coming = try PolicyDiff(from: pipelineDocument(#"{"circuitBreaker":{}}"#), to: pipelineDocument(with))
        #expect(
            coming.changes.map(\.description) == [
                "~ p/circuitBreaker.slowCalls.over: none -> 1s", "~ p/circuitBreaker.slowCalls.rate: none -> 0.5",
                "~ p/circuitBreaker.slowCalls.countRunning: none -> false",
            ])
        let going = try PolicyDiff(from: pipelineDocument(with), to: pipelineDocument(#"{"circuitBreaker":{}}"#))
        let budget = try PolicyDiff(from: pipelineDocument(#"{"retry":{}}"#), to: pipelineDocument(#"{"retry":{"budget":null}}"#))
        #expect(budget.changes.map(\.description) == ["~ p/retry.budget: ratio 0.2, minimumPerSecond 3, window 10s -> none"])
        #expect(
            going.changes.map(\.description) == [
                "~ p/circuitBreaker.slowCalls.over: 1s -> none", "~ p/circuitBreaker.slowCalls.rate: 0.5 -> none",
                "~ p/circuitBreaker.slowCalls.countRunning: false -> none",
            ])
    }

    @Test("Policies, routes and fallbacks")
    func others() throws {
        let diff = try PolicyDiff(
            from: document(
                #"{"p":{"fallback":[{"lastGood":{"maxAge":"1s"}}]},"gone":{"pipeline":[{"throttle":{}}]}}"#,
                routes: #"{"*":"p","a.B/*":"p","a.C/D":{"policy":"p","criticality":"sheddable"}}"#),
            to: document(
                #"{"p":{"fallback":[{"lastGood":{"maxAge":"2s"}},{"handler":"h"}]},"new":{}}"#,
                routes: #"{"*":{"policy":"p","idempotent":true},"a.C/D":"new","a.C/E":"p"}"#))
        #expect(
            diff.changes.map(\.description) == [
                "~ p/fallback.steps[0].lastGood.maxAge: 1s -> 2s", "~ p/fallback.steps[1].handler: none -> h", "+ policy new: nothing",
                "- policy gone: throttle", "~ route *.idempotent: false -> true", "~ route a.C/D: p -> new",
                "~ route a.C/D.criticality: sheddable -> critical", "+ route a.C/E: p", "- route a.B/*: p",
            ])
    }

    @Test("What a fallback's answers depend on is a set: its order, and writing out that it is empty, change nothing")
    func fallbackMetadata() throws {
        func diff(_ old: String, _ new: String) throws -> [String] {
            let documents = try [old, new].map { metadata in
                try document("{\"p\":{\"fallback\":{\(metadata)\"steps\":[{\"lastGood\":{\"maxAge\":\"1s\"}}]}}}")
            }
            return PolicyDiff(from: documents[0], to: documents[1]).description.split(separator: "\n").map(String.init)
        }
        #expect(try diff("", #""metadata":[],"#) == ["no change in behavior"])
        #expect(try diff(#""metadata":["a","B"],"#, #""metadata":["b","a","a"],"#) == ["no change in behavior"])
        #expect(
            try diff("", #""metadata":["tenant"],"#) == [
                "~ p/fallback.metadata: nothing -> tenant",
                "= p: fallback forgets the answers that it keeps, since calls are told apart by other metadata",
            ])
    }

    @Test("What it means: worst case, attempts, who is answered, and what becomes of the state")
    func effects() throws {
        let routes = #"{"*":{"policy":"p","idempotent":true}}"#
        func policies(_ attempts: Int, _ total: String, _ breaker: String, _ fallback: String) -> String {
            """
            {"p":{"pipeline":[{"timeout":{"name":"total","after":"\(total)"}},{"retry":{"maxAttempts":\(attempts),
              "backoff":{"constant":{"delay":"100ms"},"jitter":"none"}}},{"circuitBreaker":\(breaker)},{"timeout":{"after":"300ms"}}]\(fallback)}}
            """
        }
        let diff = try PolicyDiff(
            from: document(policies(3, "1200ms", "{}", ""), routes: routes),
            to: document(
                policies(5, "2600ms", #"{"window":{"count":50}}"#, #","fallback":[{"lastGood":{"maxAge":"1s"}}]"#), routes: routes))
        #expect(
            diff.effects.map(\.description) == [
                "= p: worst case: 1.2 s -> 2.6 s", "= p: if the service hangs: 1.1 s -> 1.9 s", "= p: attempts for a call: at most 3 -> 5",
                "= p: if circuitBreaker is open: error -> the fallback's answer",
                "= p: if circuitBreaker probes the service: error -> the fallback's answer",
                "= p: if total runs out: error -> the fallback's answer", "= p: if timeout runs out: error -> the fallback's answer",
                "= p: if all attempts fail: error -> the fallback's answer",
                "= p: circuitBreaker keeps its state, but forgets its counts, since its window has another shape",
            ])
        #expect(try JSONObject(line: diff.json).objects("effects").count == 9)
    }

    @Test("A fallback that asks another server makes the worst case longer")
    func fallbackTime() throws {
        func policies(_ timeout: String) -> String {
            """
            {"p":{"pipeline":[{"timeout":{"after":"800ms"}}],"fallback":[{"target":{"endpoint":"e","timeout":"\(timeout)"}}]}}
            """
        }
        let diff = try PolicyDiff(from: document(policies("1s")), to: document(policies("5s")))
        #expect(diff.effects.map(\.text).contains("worst case: 1.8 s -> 5.8 s"))
    }

    @Test(
        "What becomes of an element that is off is no change",
        arguments: [
            (#"{"bulkhead":{"maxConcurrent":1,"enabled":false}}"#, #"{"bulkhead":{"maxConcurrent":2,"enabled":false}}"#),
            (#"{"bulkhead":{"maxConcurrent":1,"enabled":false}}"#, ""),
            (#"{"bulkhead":{"maxConcurrent":1,"enabled":false}}"#, #"{"throttle":{"name":"bulkhead","enabled":false}}"#),
            (
                #"{"bulkhead":{"maxConcurrent":1,"enabled":false}},{"throttle":{}},{"timeout":{"after":"1s"}}"#,
                #"{"throttle":{}},{"timeout":{"after":"1s"}},{"bulkhead":{"maxConcurrent":1,"enabled":false}}"#
            ),
        ])
    func off(old: String, new: String) throws {
        for (old, new) in [(old, new), (new, old)] {
            let diff = try PolicyDiff(from: pipelineDocument(old), to: pipelineDocument(new))
            #expect(diff.isEmpty && diff.effects.isEmpty, "\(diff)")
        }
        let fallback = #"{"p":{"fallback":{"enabled":false,"steps":[{"handler":"h"}]}}}"#
        #expect(try PolicyDiff(from: document(fallback), to: document(#"{"p":{}}"#)).isEmpty)
    }

    @Test("An element that is off comes, for calls, when it is switched on under another kind")
    func switchedOn() throws {
        let diff = try PolicyDiff(
            from: pipelineDocument(#"{"throttle":{"name":"x","enabled":false}}"#),
            to: pipelineDocument(#"{"bulkhead":{"name":"x","maxConcurrent":1}}"#))
        #expect(diff.changes.map(\.description) == ["+ p/x: bulkhead (maxConcurrent 1)"])
    }

    @Test("A breaker that is called otherwise begins anew")
    func renamed() throws {
        let diff = try PolicyDiff(
            from: pipelineDocument(#"{"circuitBreaker":{"name":"a"}}"#), to: pipelineDocument(#"{"circuitBreaker":{"name":"b"}}"#))
        #expect(diff.effects.map(\.text).contains("b begins anew: state is kept by name, and a is gone"), "\(diff)")
        let shared = try PolicyDiff(
            from: pipelineDocument(#"{"circuitBreaker":{"name":"a","shared":"s"}}"#),
            to: pipelineDocument(#"{"circuitBreaker":{"name":"b","shared":"s"}}"#))
        #expect(!shared.effects.contains { $0.text.contains("begins anew") }, "\(shared)")
    }

    @Test("Chaos that is switched on is said to break calls")
    func chaos() throws {
        let off = try pipelineDocument(#"{"chaos":{"fault":{"rate":0.5}}}"#)
        let on = try pipelineDocument(#"{"chaos":{"enabled":true,"fault":{"rate":0.5}}}"#)
        let sentence = "chaos is on: it breaks calls on purpose"
        #expect(PolicyDiff(from: off, to: on).effects.map(\.text).contains(sentence))
        #expect(try PolicyDiff(from: pipelineDocument(""), to: on).effects.map(\.text).contains(sentence))
        #expect(PolicyDiff(from: on, to: off).effects.map(\.text).contains("chaos is off: it breaks no calls any more"))
    }

    @Test("What is new is shown with the settings that are not the defaults")
    func newSettings() throws {
        let diff = try PolicyDiff(
            from: document(#"{"p":{}}"#),
            to: document(
                """
                {"p":{"pipeline":[{"retry":{"maxAttempts":4,"budget":null}},{"circuitBreaker":{"window":{"count":50}}}]},
                 "q":{"pipeline":[{"timeout":{"after":"1s"}},{"throttle":{}}]}}
                """,
                routes: #"{"*":"p","a.B/*":{"policy":"q","idempotent":true,"criticality":"sheddable"}}"#))
        #expect(
            diff.changes.map(\.description) == [
                "+ p/retry: retry (maxAttempts 4, budget none)", "+ p/circuitBreaker: circuitBreaker (window.count 50)",
                "+ policy q: timeout (after 1s), throttle", "+ route a.B/*: q, idempotent, sheddable",
            ])
    }

    @Test("Of a policy that no route reaches it is said that no routed call changes")
    func unreached() throws {
        func effects(_ routes: String) throws -> [String] {
            let documents = try ["1s", "2s"].map { after in
                try document("{\"p\":{\"pipeline\":[{\"timeout\":{\"after\":\"\(after)\"}}]}}", routes: routes)
            }
            return PolicyDiff(from: documents[0], to: documents[1]).effects.map(\.text)
        }
        #expect(try effects("{}").first == "no route leads to it, so no call that is routed changes")
        #expect(try effects(#"{"*":"p"}"#).first == "worst case: 1 s -> 2 s")
    }

    @Test("A route that comes to say idempotent changes what its policy does")
    func idempotence() throws {
        let policies = #"{"p":{"pipeline":[{"retry":{}},{"timeout":{"after":"1s"}}]}}"#
        let diff = try PolicyDiff(
            from: document(policies), to: document(policies, routes: #"{"*":{"policy":"p","idempotent":true}}"#))
        #expect(diff.effects.map(\.text).contains("attempts for a call: at most 1 -> 3"))
    }
}
