import Holdfast
import HoldfastAdmin
import HoldfastPolicyFiles
import HoldfastRPC
import HoldfastVirtualTime
import Testing

@Suite("A debug port", .timeLimit(.minutes(1)))
struct PolicyAdminTests {
    private static let text = """
        { "version": 1,
          "policies": {
            "say": { "pipeline": [
              { "shed": { "signals": { "inFlight": { "enter": 10, "leave": 5 } } } },
              { "circuitBreaker": { "minimumCalls": 2, "window": { "count": 4 } } },
              { "rateLimiter": { "tokenBucket": { "permits": 100, "per": "1s", "burst": 20 } } },
              { "adaptiveLimiter": { "aimd": {}, "initial": 7 } }, { "bulkhead": { "maxConcurrent": 3 } },
              { "retry": { "maxAttempts": 2 } }, { "chaos": { "fault": { "rate": 1, "code": "UNAVAILABLE" }, "enabled": false } } ] },
            "two": { "pipeline": [
              { "circuitBreaker": { "name": "near", "minimumCalls": 2, "window": { "count": 4 } } },
              { "circuitBreaker": { "name": "far", "minimumCalls": 2, "window": { "count": 4 } } } ] } },
          "routes": { "a.Say/*": { "policy": "say", "idempotent": true }, "a.Two/*": "two" } }
        """

    private static func document(_ change: (String) -> String = { $0 }) throws -> PolicyDocument {
        try PolicyDocument(file: "say.json", bytes: Array(change(text).utf8))
    }

    private static func with(_ body: (AdminBench, PolicyRegistry) async throws -> Void) async throws {
        let registry = try PolicyRegistry(try document())
        try await AdminBench.with([.registry(registry)]) { try await body($0, registry) }
    }

    private static func breaker(_ registry: PolicyRegistry, _ name: String) throws -> CircuitBreaker {
        let policies = registry.routes.all.flatMap { $0.pipeline[name] }
        return try #require(policies.compactMap { $0 as? CircuitBreaker }.first)
    }

    @Test("It shows documents, policies, routes, and how each element stands")
    func listing() async throws {
        try await Self.with { bench, registry in
            let breaker = try Self.breaker(registry, "say/circuitBreaker")
            try await breaker.run {}
            let all = try await bench.list()
            #expect(all["service"].text == "say")
            let document = all["documents"][0]
            #expect(document["file"].text == "say.json" && document["version"].number == 1 && document["failure"].text == nil)
            #expect(document["fingerprint"].text == registry.state.document.fingerprint)
            let say = all["policies"][0]
            #expect(say["name"].text == "say" && say["source"].text == "policies" && say["elements"].count == 7)
            #expect(say["routes"][0]["methods"].text == "a.Say/*" && say["routes"][0]["idempotent"].flag == true)
            let elements = say["elements"]
            #expect(elements[0]["state"]["held"].flag == false)
            #expect(elements[1]["name"].text == "say/circuitBreaker" && elements[1]["state"]["state"].text == "closed")
            #expect(elements[1]["state"]["explanation"].text == breaker.explain())
            #expect(elements[1]["counters"]["admitted"].number == 1 && elements[1]["counters"]["rejected"].number == nil)
            #expect(elements[2]["state"]["available"].number == 20)
            #expect(elements[3]["state"]["limit"].number == 7)
            #expect(elements[4]["state"]["available"].number == 3)
            #expect(elements[6]["state"]["enabled"].flag == false)
            #expect(all["policies"][1]["name"].text == "two")
        }
    }

    @Test("A breaker is taken in hand and given back, and says how it is afterwards")
    func breaker() async throws {
        try await Self.with { bench, registry in
            let breaker = try Self.breaker(registry, "say/circuitBreaker")
            let steps: [(String, CircuitBreaker.State)] = [
                ("isolate", .isolated), ("release", .closed), ("trip", .open), ("probe", .halfOpen), ("reset", .closed),
                ("disable", .disabled), ("observe", .observing), ("reset", .closed),
            ]
            for (action, state) in steps {
                let answer = try await bench.control(#"{"kind":"breaker","name":"say","action":"\#(action)"}"#)
                #expect(answer.status == 200 && answer.body["state"]["state"].text == state.rawValue, "\(action)")
                #expect(breaker.state == state)
            }
        }
    }

    @Test("A level is held and given back; a limiter begins anew; chaos is let loose")
    func others() async throws {
        try await Self.with { bench, registry in
            let pipeline = try #require(registry.policy(for: "/a.Say/Hi")?.pipeline)
            let shedder = try #require(pipeline["say/shed"].first as? LoadShedder)
            let held = try await bench.control(#"{"kind":"shed","name":"say","action":"hold","level":"sheddablePlus"}"#)
            #expect(held.body["state"]["level"].text == "sheddablePlus" && held.body["state"]["held"].flag == true)
            #expect(shedder.controller.level == .sheddablePlus)
            _ = try await bench.control(#"{"kind":"shed","name":"say/shed","action":"hold","level":"none"}"#)
            #expect(shedder.controller.level == nil && shedder.controller.isHeld)
            _ = try await bench.control(#"{"kind":"shed","name":"say","action":"release"}"#)
            #expect(!shedder.controller.isHeld)
            #expect(try await bench.control(#"{"kind":"limiter","name":"say","action":"reset"}"#).status == 200)
            let chaos = try #require(pipeline["say/chaos"].first as? Chaos)
            #expect(try await bench.control(#"{"kind":"chaos","name":"say","action":"enable"}"#).body["state"]["enabled"].flag == true)
            #expect(chaos.isEnabled)
        }
    }

    @Test(
        "A name that nothing has, or more than one, changes nothing",
        arguments: [
            ("breaker", "sya", 404, #"there is no breaker "sya"; did you mean "say"?"#),
            ("breaker", "two", 409, #""two" has several of kind breaker; name one: "two/far" or "two/near""#),
            ("limiter", "two", 404, #"there is no limiter "two""#), ("breaker", "say/rateLimiter", 404, "there is no breaker"),
        ])
    func names(kind: String, name: String, status: Int, message: String) async throws {
        try await Self.with { bench, registry in
            let action = kind == "breaker" ? "isolate" : "reset"
            let answer = try await bench.control(#"{"kind":"\#(kind)","name":"\#(name)","action":"\#(action)"}"#)
            #expect(answer.status == status)
            #expect(answer.body["error"].text?.contains(message) == true, "\(answer.body)")
            for name in ["say/circuitBreaker", "two/near", "two/far"] { #expect(try Self.breaker(registry, name).state == .closed) }
        }
    }

    @Test("Of several sources with one name, the command says which")
    func sources() async throws {
        let breakers = try (0..<2).map { _ in CircuitBreaker("b", try .init(minimumCalls: 2, failureRate: 0.5)) }
        let sources = zip(["client", "server"], breakers).map { name, breaker in
            PolicySource.pipelines([Pipeline("say", [.gate(breaker)])], name: name)
        }
        try await AdminBench.with(sources) { bench in
            let unclear = try await bench.control(#"{"kind":"breaker","name":"say","action":"isolate"}"#)
            #expect(unclear.status == 409 && unclear.body["error"].text?.contains(#""client" or "server""#) == true)
            #expect(try await bench.control(#"{"kind":"breaker","name":"b","source":"server","action":"isolate"}"#).status == 200)
            #expect(try await bench.control(#"{"kind":"breaker","name":"b","source":"x","action":"isolate"}"#).status == 404)
        }
        #expect(breakers.map(\.state) == [.closed, .isolated])
    }

    @Test("A gate that two pipelines share is one")
    func shared() async throws {
        let breaker = CircuitBreaker("shared", try .init(minimumCalls: 2, failureRate: 0.5))
        let pipelines = ["a", "b"].map { Pipeline($0, [.gate(breaker)]) }
        try await AdminBench.with([.pipelines(pipelines)]) { bench in
            let answer = try await bench.control(#"{"kind":"breaker","name":"shared","action":"trip"}"#)
            #expect(answer.status == 200)
        }
        #expect(breaker.state == .open)
    }

    @Test("Controllers that stand in no pipeline are shown and held too")
    func controllers() async throws {
        let controller = DegradationController("machine", try .init(cpu: .init(enter: 0.9, leave: 0.7)))
        try await AdminBench.with([.controllers([controller])]) { bench in
            #expect(try await bench.list()["controllers"][0]["name"].text == "machine")
            let answer = try await bench.control(#"{"kind":"shed","name":"machine","action":"hold","level":"sheddable"}"#)
            #expect(answer.status == 200 && answer.body["state"]["level"].text == "sheddable")
        }
        #expect(controller.level == .sheddable)
    }

    @Test("A client's policies are shown, and the breaker of each of its endpoints")
    func client() async throws {
        var configuration = RPCClient.Configuration()
        configuration.loadBalancing = .roundRobin
        configuration.endpointBreaker = try .init(minimumCalls: 2, failureRate: 0.5)
        configuration.policies = RouteTable(rest: RoutePolicy(name: "all", pipeline: Pipeline("all", [])))
        let client = try RPCClient(
            endpoints: [.tcp(host: "127.0.0.1", port: 1), .tcp(host: "127.0.0.1", port: 2)], security: .plaintext,
            configuration: configuration)
        try await AdminBench.with([.client(client)]) { bench in
            let all = try await bench.list()
            #expect(all["policies"][0]["name"].text == "all")
            let endpoints = all["policies"][1]["elements"]
            #expect(endpoints.count == 2 && endpoints[1]["name"].text == "endpoint 127.0.0.1:2")
            let command = #"{"kind":"breaker","name":"endpoint 127.0.0.1:2","action":"isolate"}"#
            let answer = try await bench.control(command)
            #expect(answer.body["state"]["state"].text == "isolated")
        }
        #expect(client.endpointBreakers.map(\.state) == [.closed, .isolated])
        await client.shutdown()
    }

    @Test("A reload shows: version, fingerprint, when; and what is wrong with a bad one")
    func reload() async throws {
        let time = VirtualTime()
        let registry = try PolicyRegistry(try Self.document(), options: PolicyOptions(timeSource: time.timeSource))
        let first = registry.state
        try await AdminBench.with([.registry(registry)]) { bench in
            time.advance(by: .seconds(90))
            #expect(try await bench.list()["documents"][0]["ageSeconds"].number == 90)
            try await registry.apply(try Self.document { $0.replacing("\"permits\": 100", with: "\"permits\": 200") })
            time.advance(by: .seconds(2))
            let document = try await bench.list()["documents"][0]
            #expect(document["version"].number == 2 && document["ageSeconds"].number == 2)
            #expect(document["fingerprint"].text != first.document.fingerprint)
            // The same policies in other words are the same document to a reader.
            #expect(try Self.document { $0.replacing("\n", with: " ") }.fingerprint == first.document.fingerprint)
        }
    }

    @Test("The page names the service as text, runs its own script only, and is made anew each time")
    func page() async throws {
        let admin = try await PolicyAdmin.start(port: 0, service: "<script>&\"", token: AdminBench.token, showing: [])
        let pages = try await [0, 1].asyncMap { _ in
            let socket = try await RawHTTP.connect(admin.port)
            socket.send("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            return try await socket.answer()
        }
        await admin.close()
        for page in pages {
            #expect(page.hasPrefix("HTTP/1.1 200 OK\r\n") && page.contains("Cache-Control: no-store"))
            #expect(page.contains("<h1>&lt;script&gt;&amp;&quot;</h1>"))
            let nonce = try #require(page.firstMatch(of: /script-src 'nonce-([0-9a-f]{64})'/)?.output.1)
            #expect(page.contains("<script nonce=\"\(nonce)\">") && page.contains("default-src 'none'"))
            #expect(!page.contains("http://") && !page.contains("https://") && !page.contains("innerHTML"))
        }
        #expect(pages[0] != pages[1])
    }
}

extension Sequence {
    fileprivate func asyncMap<Value>(_ body: (Element) async throws -> Value) async rethrows -> [Value] {
        var values: [Value] = []
        for element in self { values.append(try await body(element)) }
        return values
    }
}
