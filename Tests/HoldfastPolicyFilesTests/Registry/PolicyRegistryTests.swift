import Holdfast
import HoldfastVirtualTime
import SayEcho
import Testing

@testable import HoldfastPolicyFiles
@testable import HoldfastRPC

@Suite("PolicyRegistry: another document while calls run")
struct PolicyRegistryTests {
    private static let path = "/a.B/C"

    private func stages(_ registry: PolicyRegistry) -> [any Policy] {
        registry.policy(for: Self.path)?.pipeline.stages.map(\.policy) ?? []
    }

    @Test(
        "S80: an element that is still there is the same object, under the new settings",
        arguments: [
            (#"{"circuitBreaker":{}}"#, #"{"circuitBreaker":{"failureRate":0.9}}"#, "90 %"),
            (#"{"circuitBreaker":{}}"#, #"{"circuitBreaker":{"window":{"count":50}}}"#, "last 50 calls"),
            (
                #"{"rateLimiter":{"pacing":{"permits":1,"per":"1s"}}}"#, #"{"rateLimiter":{"slidingWindow":{"permits":7,"per":"1s"}}}"#,
                "7 calls"
            ),
            (#"{"bulkhead":{"maxConcurrent":5}}"#, #"{"bulkhead":{"maxConcurrent":6}}"#, "6 calls"),
            (#"{"adaptiveLimiter":{"aimd":{}}}"#, #"{"adaptiveLimiter":{"vegas":{},"maximum":33}}"#, "33"),
            (#"{"throttle":{}}"#, #"{"throttle":{"k":3}}"#, "3"),
            (#"{"shed":{"signals":{"inFlight":{"enter":9,"leave":1}}}}"#, #"{"shed":{"signals":{"inFlight":{"enter":8,"leave":1}}}}"#, "8"),
            (#"{"retry":{}}"#, #"{"retry":{"maxAttempts":7}}"#, "7 attempts"),
            (#"{"retry":{}}"#, #"{"retry":{"budget":null}}"#, "without a budget"),
            (#"{"hedge":{"after":"1s"}}"#, #"{"hedge":{"after":"2s"}}"#, "2 s"),
            (#"{"chaos":{"fault":{"rate":0.5}}}"#, #"{"chaos":{"enabled":true,"fault":{"rate":0.25}}}"#, "25 %"),
            (#"{"circuitBreaker":{"shared":"s"}}"#, #"{"circuitBreaker":{"shared":"s","failureRate":0.9}}"#, "90 %"),
        ])
    func kept(before: String, after: String, words: String) async throws {
        let registry = try PolicyRegistry(pipelineDocument(before))
        let old = try #require(stages(registry).first)
        let events = old.events()
        try await registry.apply(pipelineDocument(after))
        let new = try #require(stages(registry).first)
        #expect(old as AnyObject === new as AnyObject)
        #expect(new.summary.contains(words), "\(new.summary)")
        #expect(!events.takeBuffered().isEmpty)
    }

    @Test("S80: a timeout goes on counting and reporting where it was; calls under way keep the one that they have")
    func timeout() throws {
        let world = VirtualTime()
        let options = PolicyOptions(timeSource: world.timeSource)
        let registry = try PolicyRegistry(pipelineDocument(#"{"timeout":{"after":"1s"}}"#), options: options)
        let old = try #require(registry.policy(for: Self.path)).pipeline
        let events = old.events()
        try world.run {
            try await registry.apply(pipelineDocument(#"{"timeout":{"after":"2s"}}"#))
            let new = try #require(registry.policy(for: Self.path)).pipeline
            for (pipeline, after) in [(old, 1), (new, 2)] {
                let error = await #expect(throws: TimeoutError.self) {
                    try await pipeline.run { _ in try await world.timeSource.sleep(for: .seconds(9)) }
                }
                #expect(error?.after == .seconds(after))
            }
            #expect(new.stages[0].policy.counters.timedOut == 2)
        }
        #expect(events.takeBuffered().count == 3)
    }

    @Test("S80: a call under way keeps the deadline that it began with")
    func callUnderWay() async throws {
        let world = VirtualTime()
        let options = PolicyOptions(timeSource: world.timeSource)
        let registry = try PolicyRegistry(pipelineDocument(#"{"timeout":{"after":"10s"}}"#), options: options)
        try world.run {
            let began = try #require(registry.policy(for: Self.path)).pipeline
            async let answer = began.run { call in
                try await world.timeSource.sleep(for: .seconds(5))
                return call.deadline
            }
            try await world.timeSource.sleep(for: .seconds(1))
            try await registry.apply(pipelineDocument(#"{"timeout":{"after":"1ms"}}"#))
            #expect(try await answer == Instant(nanoseconds: 10_000_000_000))
            let pipeline = try #require(registry.policy(for: Self.path)).pipeline
            await #expect(throws: TimeoutError.self) { try await pipeline.run { _ in try await world.timeSource.sleep(for: .seconds(5)) } }
        }
    }

    @Test("An open breaker stays open when its pipeline is reordered, added to, and its thresholds change")
    func openBreaker() async throws {
        let breaker = #"{"circuitBreaker":{"open":{"for":"1h","max":"1h","jitter":0}}}"#
        let registry = try PolicyRegistry(pipelineDocument(breaker))
        await (stages(registry)[0] as? CircuitBreaker)?.trip()
        let changed = #"{"circuitBreaker":{"failureRate":0.1,"open":{"for":"1h","max":"1h","jitter":0}}}"#
        try await registry.apply(pipelineDocument(#"{"timeout":{"after":"1s"}},{"bulkhead":{"maxConcurrent":1}},"# + changed))
        #expect((stages(registry)[2] as? CircuitBreaker)?.state == .open)
    }

    @Test(
        "What the new document calls otherwise begins fresh",
        arguments: [
            (#"{"circuitBreaker":{}}"#, #"{"circuitBreaker":{"name":"other"}}"#),
            (#"{"circuitBreaker":{}}"#, #"{"circuitBreaker":{"shared":"s"}}"#),
            (#"{"circuitBreaker":{"name":"x"}}"#, #"{"bulkhead":{"name":"x","maxConcurrent":1}}"#),
            (
                #"{"rateLimiter":{"pacing":{"permits":1,"per":"1s"}}}"#,
                #"{"rateLimiter":{"pacing":{"permits":1,"per":"1s"},"key":"method"}}"#
            ),
            (#"{"retry":{}}"#, #"{"retry":{"budget":{"shared":"b"}}}"#), (#"{"retry":{"budget":{"shared":"b"}}}"#, #"{"retry":{}}"#),
            (#"{"hedge":{"after":"1s","budget":{"shared":"a"}}}"#, #"{"hedge":{"after":"1s","budget":{"shared":"b"}}}"#),
        ])
    func fresh(before: String, after: String) async throws {
        let registry = try PolicyRegistry(pipelineDocument(before))
        let old = try #require(stages(registry).first)
        try await registry.apply(pipelineDocument(after))
        #expect(try #require(stages(registry).first) as AnyObject !== old as AnyObject)
    }

    @Test("What means the same is left alone, however it is written: an operator's hand on it stays")
    func untouched() async throws {
        let before = #"{"circuitBreaker":{}},{"chaos":{"outcome":{"rate":1,"value":{"body":"x"}}}},{"timeout":{"after":"1s"}}"#
        let after = """
            {"circuitBreaker":{"minimumCalls":20}},{"chaos":{"enabled":false,
              "outcome":{"value":{ "body" : "x"},"rate":1.0}}},{"timeout":{"after":"1000ms"}}
            """
        let routes = #"{"grpconepb.grpconepb/SayHi":"p"}"#
        let options = PolicyOptions(methods: SayEchoMethods.all)
        let registry = try PolicyRegistry(document("{\"p\":{\"pipeline\":[\(before)]}}", routes: routes), options: options)
        let path = SayEchoMethods.sayHi.path
        let old = try #require(registry.policy(for: path)).pipeline.stages.map(\.policy)
        await (old[0] as? CircuitBreaker)?.isolate()
        (old[1] as? Chaos)?.enable()
        let events = old.map { $0.events() }
        let diff = try await registry.apply(document("{\"p\":{\"pipeline\":[\(after)]}}", routes: routes))
        #expect(diff.isEmpty)
        let new = try #require(registry.policy(for: path)).pipeline.stages.map(\.policy)
        #expect(zip(old, new).allSatisfy { $0 as AnyObject === $1 as AnyObject })
        #expect((new[0] as? CircuitBreaker)?.state == .isolated && (new[1] as? Chaos)?.isEnabled == true)
        #expect(events.allSatisfy { $0.takeBuffered().isEmpty })
    }

    @Test("A shared gate and a shared budget go on, whoever else comes to share them")
    func shared() async throws {
        let element = #"{"circuitBreaker":{"shared":"s"}},{"retry":{"budget":{"shared":"b"}}}"#
        let registry = try PolicyRegistry(document("{\"p\":{\"pipeline\":[\(element)]}}"))
        let old = stages(registry)
        try await registry.apply(
            document("{\"q\":{\"pipeline\":[\(element)]},\"p\":{\"pipeline\":[\(element)]}}", routes: #"{"a.B/*":"p","b.B/*":"q"}"#))
        let others = try #require(registry.policy(for: "/b.B/C")).pipeline.stages.map(\.policy)
        #expect(stages(registry)[0] as AnyObject === old[0] as AnyObject && others[0] as AnyObject === old[0] as AnyObject)
        #expect((others[1] as? Retry)?.budget === (old[1] as? Retry)?.budget)
    }

    @Test("A fallback keeps its good answers")
    func fallback() async throws {
        let registry = try PolicyRegistry(document(#"{"p":{"fallback":[{"lastGood":{"maxAge":"1m"}}]}}"#))
        let key = RoutePolicy.FallbackKey(path: Self.path, request: [1])
        registry.policy(for: Self.path)?.fallback?.remember([7], for: key)
        try await registry.apply(document(#"{"p":{"fallback":[{"lastGood":{"maxAge":"2m"}},{"handler":"h"}]}}"#), expecting: "no handler")
        try await registry.apply(document(#"{"p":{"fallback":{"singleFlight":true,"steps":[{"lastGood":{"maxAge":"2m"}}]}}}"#))
        let fallback = try #require(registry.policy(for: Self.path)?.fallback)
        #expect(fallback.configuration.singleFlight)
        #expect(try await fallback.answer(to: RPCError(.unavailable, ""), key: key).value == [7])
    }

    @Test("S35: answers that were kept by other metadata serve nobody once that has changed; writing out what holds anyway is no change")
    func fallbackMetadata() async throws {
        let steps = #""steps":[{"lastGood":{"maxAge":"1m"}}]"#
        let registry = try PolicyRegistry(document("{\"p\":{\"fallback\":{\(steps)}}}"))
        let key = RoutePolicy.FallbackKey(path: Self.path, request: [1])
        registry.policy(for: Self.path)?.fallback?.remember([7], for: key)
        try await registry.apply(document("{\"p\":{\"fallback\":{\"metadata\":[],\(steps)}}}"))
        let failure = RPCError(.unavailable, "")
        let kept = try #require(registry.policy(for: Self.path)?.fallback)
        #expect(try await kept.answer(to: failure, key: key).value == [7])
        try await registry.apply(document("{\"p\":{\"fallback\":{\"metadata\":[\"tenant\"],\(steps)}}}"))
        let fresh = try #require(registry.policy(for: Self.path)?.fallback)
        await #expect(throws: RPCError.self) { try await fresh.answer(to: failure, key: key) }
    }

    @Test("S81: a bad document changes nothing at all")
    func bad() async throws {
        let registry = try PolicyRegistry(document(#"{"p":{"pipeline":[{"circuitBreaker":{}}]}}"#))
        let description = registry.description
        let bad = #"{"p":{"pipeline":[{"circuitBreaker":{"failureRate":0.1}}],"fallback":[{"handler":"nobody"}]}}"#
        try await registry.apply(document(bad), expecting: "no handler \"nobody\"")
        #expect(registry.description == description)
        #expect(registry.state.version == 1)
    }

    @Test("Each accepted document is an event with what it changes; the same document once more is none")
    func events() async throws {
        let registry = try PolicyRegistry(pipelineDocument(#"{"timeout":{"after":"1s"}}"#))
        var events = registry.events().makeAsyncIterator()
        try await registry.apply(pipelineDocument(#"{"timeout":{"after":"1s"}}"#))
        try await registry.apply(pipelineDocument(#"{"timeout":{"after":"2s"}}"#))
        guard case .accepted(let version, let diff) = await events.next() else {
            Issue.record("no event")
            return
        }
        #expect(version == 2 && registry.state.version == 2)
        #expect(diff.changes.map(\.description) == ["~ p/timeout.after: 1s -> 2s"])
    }

    @Test("A client that is attached follows, and is not kept alive")
    func client() async throws {
        let registry = try PolicyRegistry(pipelineDocument(#"{"timeout":{"after":"1s"}}"#))
        var client: RPCClient? = RPCClient(host: "127.0.0.1", port: 1, security: .plaintext)
        weak let gone = client
        await registry.attach(try #require(client))
        #expect(client?.policies.policy(for: Self.path)?.name == "p")
        try await registry.apply(document(#"{"q":{}}"#, routes: #"{"*":"q"}"#))
        #expect(client?.policies.policy(for: Self.path)?.name == "q")
        client = nil
        #expect(gone == nil)
        try await registry.apply(document(#"{"p":{}}"#))
    }
}

extension PolicyRegistry {
    /// Applies a document that must be refused for that reason.
    func apply(_ document: PolicyDocument, expecting reason: String) async throws {
        let error = #expect(throws: DocumentError.self) { try apply(document) }
        #expect(error?.description.contains(reason) == true, "\(String(describing: error))")
    }
}
