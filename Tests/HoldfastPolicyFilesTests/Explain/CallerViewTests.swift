import Holdfast
import HoldfastRPC
import Testing

@testable import HoldfastPolicyFiles

@Suite("Explain: callers see what they are said to see")
struct CallerViewTests {
    private static let path = "/a.B/C"

    private static func view(_ document: PolicyDocument, _ situation: String) throws -> CallerView {
        let views = CallerView.all(of: document.policies[0])
        return try #require(views.first { $0.situation == situation }, "\(views.map(\.situation))")
    }

    /// Holds what is said against the error that a call really ends with.
    private static func check(_ element: String, _ situation: String, _ provoke: (Pipeline) async throws -> Void) async throws {
        let document = try pipelineDocument(element)
        let view = try view(document, situation)
        let pipeline = try #require(try document.makeRouteTable().policy(for: path)).pipeline
        do {
            try await provoke(pipeline)
            Issue.record("nothing was thrown")
        } catch let error as any StatusError {
            #expect(view.code == error.code)
            #expect("\(error)".hasPrefix(view.text), "\(error)")
            if let retryAfter = error.retryAfter { #expect(retryAfter <= view.retryAfter ?? .zero) }
            #expect((view.retryAfter == nil) == (error.retryAfter == nil))
        }
    }

    @Test("An open breaker, an isolated one, and one that probes")
    func breakers() async throws {
        let breaker = #"{"circuitBreaker":{"open":{"for":"10s","max":"20s"},"halfOpen":{"probes":1}}}"#
        try await Self.check(breaker, "circuitBreaker is open") { pipeline in
            await (pipeline.stages[0].policy as? CircuitBreaker)?.trip()
            try await pipeline.run { _ in }
        }
        try await Self.check(breaker, "circuitBreaker probes the service") { pipeline in
            await (pipeline.stages[0].policy as? CircuitBreaker)?.probe()
            try await pipeline.run { _ in try await pipeline.run { _ in } }
        }
        try await Self.check(#"{"circuitBreaker":{"state":"isolated"}}"#, "circuitBreaker is isolated") { try await $0.run { _ in } }
    }

    @Test(
        "A used-up quota",
        arguments: [
            #"{"tokenBucket":{"permits":1,"per":"1m","burst":1}}"#, #"{"slidingWindow":{"permits":1,"per":"1m"}}"#,
            #"{"fixedWindow":{"permits":1,"per":"1m"}}"#, #"{"pacing":{"permits":1,"per":"1m"}}"#,
            #"{"pacing":{"permits":2,"per":"1m"},"warmUp":{"over":"1m","from":0.1}}"#,
        ])
    func quota(limiter: String) async throws {
        try await Self.check("{\"rateLimiter\":\(limiter)}", "the quota of rateLimiter is used up") { pipeline in
            for _ in 0..<2 { try await pipeline.run { _ in } }
        }
    }

    @Test("A full bulkhead, and a full limiter")
    func full() async throws {
        for (element, name) in [
            (#"{"bulkhead":{"maxConcurrent":1}}"#, "bulkhead"),
            (#"{"adaptiveLimiter":{"aimd":{},"minimum":1,"maximum":1}}"#, "adaptiveLimiter"),
        ] {
            try await Self.check(element, "\(name) is full") { pipeline in
                try await pipeline.run { _ in try await pipeline.run { _ in } }
            }
        }
        try await Self.check(#"{"bulkhead":{"maxConcurrent":1,"maxQueued":1,"maxWait":"1ms"}}"#, "no place in bulkhead in time") {
            pipeline in
            try await pipeline.run { _ in try await pipeline.run { _ in } }
        }
    }

    @Test("Timeouts of a call and of an attempt")
    func timeouts() async throws {
        let element = #"{"timeout":{"name":"total","after":"1h"}},{"timeout":{"name":"attempt","after":"1ms"}}"#
        try await Self.check(element, "attempt runs out") { try await $0.run { _ in try await TimeSource.system.sleep(for: .seconds(60)) } }
        try await Self.check(#"{"timeout":{"name":"total","after":"1ms"}}"#, "total runs out") {
            try await $0.run { _ in try await TimeSource.system.sleep(for: .seconds(60)) }
        }
    }

    @Test("The fallback answers what it is said to answer")
    func fallback() throws {
        let pipeline = #""pipeline":[{"circuitBreaker":{}},{"timeout":{"after":"1s"}}]"#
        let situations = ["circuitBreaker is open", "timeout runs out", "the service fails", "the caller is to blame"]
        for (on, expected) in [("", [true, true, true, false]), (#""on":["rejected","INVALID_ARGUMENT"],"#, [true, false, false, true])] {
            let document = try document("{\"p\":{\(pipeline),\"fallback\":{\(on)\"steps\":[{\"handler\":\"h\"}]}}}")
            #expect(try situations.map { try Self.view(document, $0).isAnswered } == expected)
            let options = PolicyOptions(handlers: ["h": { _, _ in [] }])
            let live = try #require(try document.makeRouteTable(options).policy(for: Self.path)?.fallback)
            let errors: [any Error] = [
                Rejection(policy: "", kind: .circuitBreaker, reason: .open), TimeoutError(policy: nil, scope: .total, after: .zero),
                RPCError(.unavailable, ""), RPCError(.invalidArgument, ""),
            ]
            #expect(errors.map { live.answers($0) } == expected)
        }
    }
}
