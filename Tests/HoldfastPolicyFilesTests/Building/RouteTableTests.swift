import Holdfast
import HoldfastPolicyFiles
import HoldfastRPC
import SayEcho
import Testing

@Suite struct RouteTableTests {
    private static let methods =
        SayEchoMethods.all + [
            AnyRPCMethod(RPCMethod<Grpconepb_Say, Echoserver_Heartbeat>(service: "other.Other", name: "Beat", kind: .unary))
        ]

    @Test("The shipped say policy becomes live gates, outermost first, under the names that events carry")
    func shippedSay() throws {
        let table = try PolicyDocument(path: shippedPolicy("say")).makeRouteTable(PolicyOptions(methods: Self.methods))
        let policy = try #require(table.policy(for: "/grpconepb.grpconepb/SayHi"))
        #expect(policy.pipeline.stages.map(\.policy.name) == ["say/total", "say/circuitBreaker", "say/rateLimiter", "say/attempt"])
        #expect(policy.fallback?.name == "say/fallback")
        #expect(policy.isIdempotent)
        #expect(table.policy(for: "/other.Other/Beat") == nil)
    }

    @Test("The shipped echo policy serves every method of its service")
    func shippedEcho() throws {
        let table = try PolicyDocument(path: shippedPolicy("echo")).makeRouteTable()
        #expect(table.policy(for: "/echoserver.EchoService/Echo")?.pipeline.stages.map(\.policy.kind) == [.circuitBreaker, .rateLimiter])
    }

    @Test("A fixed value answers with the bytes of the method's response")
    func value() async throws {
        let table = try table(#"{"p":{"fallback":[{"value":{"body":"later"}}]}}"#, routes: #"{"grpconepb.grpconepb/SayHi":"p"}"#)
        let fallback = try #require(table.policy(for: SayEchoMethods.sayHi.path)?.fallback)
        let rejection = Rejection(policy: "p", kind: .circuitBreaker, reason: .open)
        let answer = try await fallback.answer(to: rejection, key: .init(path: SayEchoMethods.sayHi.path, request: []))
        #expect(try SayEchoMethods.sayHi.decodeResponse(answer.value).body == "later")
    }

    @Test("Every kind becomes live, in its place and by its name")
    func everyKind() throws {
        let policies = """
            {"p":{"pipeline":[
              {"shed":{"signals":{"inFlight":{"enter":100,"leave":50}}}},{"timeout":{"after":"1s","onExpiry":"abandon","idle":"1s"}},
              {"retry":{"rules":[{"on":["ABORTED"],"maxAttempts":5}]}},{"hedge":{"after":{"quantile":0.95}}},{"chaos":{"latency":{"rate":0.1,"delay":"1ms"}}},
              {"throttle":{}},{"circuitBreaker":{}},{"adaptiveLimiter":{"gradient2":{}}},{"bulkhead":{"maxConcurrent":5}},
              {"rateLimiter":{"slidingWindow":{"permits":5,"per":"1s"},"key":{"metadata":"tenant"},"warmUp":{"over":"1m","from":0.2}}}]}}
            """
        let stages = try #require(try table(policies, routes: #"{"*":"p"}"#).policy(for: "/a.B/C")).pipeline.stages
        #expect(
            stages.map(\.policy.kind) == [
                .shed, .timeout, .retry, .hedge, .chaos, .throttle, .circuitBreaker, .adaptiveLimiter, .bulkhead, .rateLimiter,
            ])
        #expect(stages.map(\.policy.name).allSatisfy { $0.hasPrefix("p/") })
    }

    @Test("S62: retries and hedges that name one budget share it")
    func sharedBudget() throws {
        let policies = """
            {"p":{"pipeline":[{"retry":{"budget":{"shared":"b"}}}]},"q":{"pipeline":[{"retry":{"budget":{"shared":"b"}}},{"retry":{}}]}}
            """
        let table = try table(policies, routes: #"{"a.A/*":"p","a.B/*":"q"}"#)
        let budgets = ["/a.A/X", "/a.B/X"].flatMap { path in
            (table.policy(for: path)?.pipeline.stages ?? []).compactMap { stage in
                if case .retry(let retry) = stage { retry.budget } else { nil }
            }
        }
        #expect(budgets.count == 3 && budgets[0] === budgets[1] && budgets[1] !== budgets[2])
    }

    @Test("Chaos is off unless its file or the program says otherwise")
    func chaos() throws {
        let policies =
            #"{"p":{"pipeline":[{"chaos":{"fault":{"rate":1,"code":"INTERNAL"}}},{"chaos":{"enabled":true,"fault":{"rate":1}}}]}}"#
        func enabled(_ options: PolicyOptions) throws -> [Bool] {
            let stages = try table(policies, routes: #"{"*":"p"}"#, options).policy(for: "/a.B/C")?.pipeline.stages ?? []
            return stages.compactMap { stage in if case .chaos(let chaos) = stage { chaos.isEnabled } else { nil } }
        }
        #expect(try enabled(PolicyOptions()) == [false, true])
        #expect(try enabled(PolicyOptions(enabled: ["p/chaos"])) == [true, true])
        #expect(try enabled(PolicyOptions(disabled: ["p/chaos2"])) == [false])
    }

    @Test("A target that nobody registered, and an answer of chaos that fits no response, are errors of the file")
    func unknownTarget() {
        let policies = """
            {"p":{"pipeline":[{"chaos":{"outcome":{"rate":1,"value":{"bdy":"x"}}}}],"fallback":[{"target":{"endpoint":"backup"}}]}}
            """
        #expect {
            try table(policies, routes: #"{"grpconepb.grpconepb/SayHi":"p"}"#)
        } throws: { error in
            let messages = (error as? DocumentError)?.diagnostics.map(\.message) ?? []
            return messages.count == 2 && messages[0].contains("does not fit the response")
                && messages[1].hasPrefix("no target \"backup\" is registered")
        }
    }

    @Test("A handler answers by its name")
    func handler() async throws {
        let table = try table(
            #"{"p":{"fallback":[{"handler":"h"}]}}"#, routes: #"{"*":"p"}"#, PolicyOptions(handlers: ["h": { key, _ in key.request + [1] }])
        )
        let fallback = try #require(table.policy(for: "/a.B/C")?.fallback)
        let failure = TimeoutError(policy: nil, scope: .total, after: .seconds(1))
        #expect(try await fallback.answer(to: failure, key: .init(path: "/a.B/C", request: [7])).value == [7, 1])
    }

    @Test("A gate from a file refuses under its name, and the fallback beside it answers")
    func liveGate() async throws {
        let policies = """
            {"p":{"pipeline":[{"rateLimiter":{"tokenBucket":{"permits":1,"per":"8760h","burst":1}}}],
                  "fallback":{"on":["rejected"],"steps":[{"lastGood":{"maxAge":"1m"}}]}}}
            """
        let policy = try #require(try table(policies, routes: #"{"*":"p"}"#).policy(for: "/a.B/C"))
        let fallback = try #require(policy.fallback)
        let key = RoutePolicy.FallbackKey(path: "/a.B/C", request: [])
        #expect(try await policy.pipeline.run(key: key, fallback: fallback) { _ in [1] }.source.fallbackStep == nil)
        let answer = try await policy.pipeline.run(key: key, fallback: fallback) { _ in [2] }
        guard case .fallback(let step, let failure as Rejection) = answer.source else {
            Issue.record("the second call was not refused: \(answer)")
            return
        }
        #expect((answer.value, step, failure.policy, failure.reason) == ([1], "lastGood", "p/rateLimiter", .quota))
    }

    @Test("S35: the metadata that a fallback declares tells answers apart, however its keys are written")
    func fallbackMetadata() throws {
        let policies = #"{"p":{"fallback":{"metadata":["X-Tenant","authorization"],"steps":[{"lastGood":{"maxAge":"1m"}}]}},"q":{}}"#
        let table = try table(policies, routes: #"{"a.A/*":"p","a.B/*":"q"}"#)
        #expect(table.policy(for: "/a.A/X")?.fallbackMetadata == ["authorization", "x-tenant"])
        #expect(table.policy(for: "/a.B/X")?.fallbackMetadata == [])
    }

    @Test("The most specific route wins, whatever the order of the file")
    func specificity() throws {
        let table = try table(
            #"{"all":{},"service":{},"method":{}}"#, routes: #"{"*":"all","a.B/*":"service","a.B/C":"method"}"#)
        #expect(["/a.B/C", "/a.B/D", "/a.C/C"].map { table.policy(for: $0)?.name } == ["method", "service", "all"])
    }

    @Test("Routes to one policy share its gates, and so do policies that name a shared one")
    func sharing() throws {
        let breaker = #"{"circuitBreaker":{"shared":"backend"}}"#
        let table = try table(
            "{\"p\":{\"pipeline\":[\(breaker),{\"circuitBreaker\":{\"name\":\"own\"}}]},\"q\":{\"pipeline\":[\(breaker)]}}",
            routes: #"{"a.A/*":"p","a.B/*":"p","a.C/*":"q"}"#)
        let gates = ["/a.A/M", "/a.B/M", "/a.C/M"].map { path in
            table.policy(for: path)?.pipeline.stages.compactMap { $0.policy as? CircuitBreaker } ?? []
        }
        #expect(gates.map { $0.map(\.name) } == [["backend", "p/own"], ["backend", "p/own"], ["backend"]])
        #expect(gates[0][0] === gates[2][0])
        #expect(gates[0][1] === gates[1][1])
    }

    @Test("An element that is disabled, by the file or by name, is left out")
    func disabled() throws {
        let policies = """
            {"p":{"pipeline":[{"circuitBreaker":{"enabled":false}},{"timeout":{"after":"2s"}},{"timeout":{"after":"1s"}}],
                  "fallback":[{"handler":"h"}]}}
            """
        let table = try table(policies, routes: #"{"*":"p"}"#, PolicyOptions(disabled: ["p/timeout2", "p/fallback"]))
        let policy = try #require(table.policy(for: "/a.B/C"))
        #expect(policy.pipeline.stages.map(\.policy.name) == ["p/timeout"])
        #expect(policy.fallback == nil)
    }

    @Test(
        "What cannot be made live is an error at its place",
        arguments: [
            (#"[{"value":{"bdy":"x"}}]"#, #"[0].value: does not fit the response of /grpconepb.grpconepb/SayHi: unknown field "bdy""#),
            (#"[{"value":{"body":1}}]"#, "[0].value: does not fit the response of /grpconepb.grpconepb/SayHi: malformed string"),
            (#"[{"value":"x"}]"#, "[0].value: does not fit the response of /grpconepb.grpconepb/SayHi: failure"),
            (#"[{"handler":"lastGret"}]"#, #"[0].handler: no handler "lastGret" is registered; did you mean "lastGreet"?"#),
        ])
    func errors(fallback: String, message: String) {
        let options = PolicyOptions(methods: Self.methods, handlers: ["lastGreet": { _, _ in [] }])
        let error = #expect(throws: DocumentError.self) {
            try table("{\"p\":{\"fallback\":\(fallback)}}", routes: #"{"grpconepb.grpconepb/SayHi":"p"}"#, options)
        }
        #expect(error?.description.split(separator: " ", maxSplits: 1).last.map(String.init) == "policies.p.fallback\(message)")
    }

    @Test(
        "A value is one response for all unary methods of its policy, and needs at least one",
        arguments: [
            (#"{"*":"p"}"#, #"{"body":"x"}"#, #"does not fit the response of /other.Other/Beat: unknown field "body""#),
            (#"{"a.B/C":"p"}"#, "{}", #"cannot be encoded, because no unary method that this program knows is routed to "p""#),
        ])
    func valueMethods(routes: String, value: String, message: String) {
        let error = #expect(throws: DocumentError.self) {
            try table("{\"p\":{\"fallback\":[{\"value\":\(value)}]}}", routes: routes, PolicyOptions(methods: Self.methods))
        }
        #expect(error?.diagnostics.map(\.message) == [message])
    }

    @Test("Values can be checked as far as the methods are known, without making anything")
    func checkingValues() throws {
        let document = try document(
            #"{"known":{"fallback":[{"value":{"bdy":1}}]},"unknown":{"fallback":[{"value":{"bdy":1}},{"handler":"h"}]}}"#,
            routes: #"{"grpconepb.grpconepb/SayHi":"known","a.B/C":"unknown"}"#)
        let error = #expect(throws: DocumentError.self) { try document.checkFallbackValues(Self.methods) }
        #expect(error?.diagnostics.map(\.path) == ["policies.known.fallback[0].value"])
    }

    @Test("A name to disable that is not there is an error that names the nearest")
    func unknownElement() throws {
        let error = #expect(throws: DocumentError.self) {
            try PolicyDocument(path: shippedPolicy("say")).makeRouteTable(
                PolicyOptions(methods: Self.methods, disabled: ["say/fallbak"]))
        }
        #expect(error?.diagnostics.map(\.message) == [#"there is no element "say/fallbak" to disable; did you mean "say/fallback"?"#])
    }

    private func document(_ policies: String, routes: String) throws -> PolicyDocument {
        try PolicyDocument(file: "f", bytes: Array("{\"version\":1,\"policies\":\(policies),\"routes\":\(routes)}".utf8))
    }

    private func table(
        _ policies: String, routes: String, _ options: PolicyOptions = PolicyOptions(methods: methods)
    ) throws -> RouteTable {
        try document(policies, routes: routes).makeRouteTable(options)
    }
}
