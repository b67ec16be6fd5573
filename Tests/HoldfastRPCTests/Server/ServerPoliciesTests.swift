import Holdfast
import HoldfastRPC
import Testing

@Suite("Policies around a server's handlers")
struct ServerPoliciesTests {
    /// Runs `body` with a server whose handlers all run under `pipeline`.
    private func under(
        _ stages: [Pipeline.Stage], criticalityKey: String? = nil, criticality: Criticality = .critical,
        _ body: (RPCClient, ServiceLog) async throws -> Void
    ) async throws {
        let policy = RoutePolicy(name: "all", pipeline: Pipeline("all", stages), criticality: criticality)
        let policies = try ServerPolicies(RouteTable(rest: policy), criticalityKey: criticalityKey)
        try await withServer(interceptors: [policies.interceptor]) { client, _, log in try await body(client, log) }
    }

    private func refused(_ client: RPCClient, _ options: CallOptions = CallOptions()) async -> RPCError? {
        await #expect(throws: RPCError.self) { try await client.unary(FourKinds.unary, "x", options: options) }
    }

    private func answered(_ client: RPCClient, options: CallOptions = CallOptions()) async throws {
        let answer = try await client.unary(FourKinds.unary, "x", options: options).message
        #expect(answer == "X")
    }

    @Test("S55: a quota that is used up answers RESOURCE_EXHAUSTED with a pushback time")
    func quota() async throws {
        let quota = RateLimiter("quota", try .init(.tokenBucket(permits: 1, per: .seconds(3_600), burst: 1)))
        try await under([.gate(quota)]) { client, _ in
            try await answered(client)
            let error = await refused(client)
            #expect(error?.code == .resourceExhausted && error?.origin == .server)
            #expect(error?.message == "the server refused the call: quota")
            let pause = try #require(error?.retryAfter)
            #expect(pause > .seconds(3_000) && pause <= .seconds(3_600))
        }
    }

    @Test(
        "Quotas are kept for each client, each method, and each value of metadata",
        arguments: [
            RateLimiter.Configuration.Key.peer, .method, .metadata("tenant"), .metadata("Tenant"),
        ])
    func keys(key: RateLimiter.Configuration.Key) async throws {
        let quota = RateLimiter("quota", try .init(.tokenBucket(permits: 1, per: .seconds(3_600), burst: 1), key: key))
        try await under([.gate(quota)]) { client, _ in
            let first = CallOptions(metadata: ["tenant": "a"])
            _ = try await client.unary(FourKinds.unary, "x", options: first)
            let again = await refused(client, first)
            #expect(again?.code == .resourceExhausted)
            let second = CallOptions(metadata: ["tenant": "b"])
            // The same client and method: only the tenant is another one.
            guard case .metadata = key else { return await #expect(refused(client, second)?.code == .resourceExhausted) }
            try await answered(client, options: second)
        }
    }

    @Test("A full bulkhead refuses at once, and is free again when the handler has ended")
    func bulkhead() async throws {
        let bulkhead = Bulkhead("one", try .init(maxConcurrent: 1))
        let held = HeldService()
        let policies = try ServerPolicies(RouteTable(rest: RoutePolicy(name: "all", pipeline: Pipeline("all", [.gate(bulkhead)]))))
        try await serving([held, FourKindsService()], interceptors: [policies.interceptor]) { server in
            try await calling(server) { client in
                async let call = client.unary(HeldService.unary, "x")
                try await held.arrived(1)
                #expect(await refused(client)?.message == "the server refused the call: full")
                held.release()
                #expect(try await call.message == "x")
                // The permit comes back when the handler returns, which is before its answer is sent.
                try await answered(client)
            }
        }
    }

    @Test("S34: what matters least is shed first; a client may say that a call matters less, not more")
    func shedding() async throws {
        let shedder = LoadShedder("shed", try .init(inFlight: .init(enter: 1_000, leave: 900)))
        shedder.controller.hold(at: .sheddablePlus)
        try await under([.gate(shedder)], criticalityKey: "importance") { client, _ in
            try await answered(client)
            let error = await refused(client, CallOptions(metadata: ["importance": "sheddable"]))
            #expect(error?.code == .resourceExhausted && error?.message == "the server refused the call: shed")
        }
        try await under([.gate(shedder)], criticalityKey: "importance", criticality: .sheddable) { client, _ in
            let error = await refused(client, CallOptions(metadata: ["importance": "criticalPlus"]))
            #expect(error?.code == .resourceExhausted)
        }
    }

    @Test("S1, S2: a timeout ends the call and the handler, and fails the gates around it")
    func timeout() async throws {
        let breaker = CircuitBreaker("b", try .init(window: .count(10), minimumCalls: 2))
        try await under([.gate(breaker), .timeout(try Timeout("t", after: .milliseconds(20)))]) { client, log in
            let error = await #expect(throws: RPCError.self) { try await client.unary(FourKinds.unary, "sleep") }
            #expect(error?.code == .deadlineExceeded)
            await log.handlerCancelled()
            while breaker.snapshot().calls == 0 { await Task.yield() }
            #expect(breaker.snapshot().failed == 1)
        }
    }

    @Test("S42: a handler that returns after the deadline, unmoved by its cancellation, has timed out for the gates as for the client")
    func lateSuccess() async throws {
        let breaker = CircuitBreaker("b", try .init(window: .count(10), minimumCalls: 2))
        let held = HeldService()
        let pipeline = Pipeline("all", [.gate(breaker), .timeout(try Timeout("t", after: .milliseconds(20)))])
        let policies = try ServerPolicies(RouteTable(rest: RoutePolicy(name: "all", pipeline: pipeline)))
        try await serving([held], interceptors: [policies.interceptor]) { server in
            try await calling(server) { client in
                let error = await #expect(throws: RPCError.self) { try await client.unary(HeldService.unary, "x") }
                #expect(error?.code == .deadlineExceeded)
                held.release()
                while breaker.snapshot().calls == 0 { await Task.yield() }
                #expect(held.completed == 1 && breaker.snapshot().failed == 1)
            }
        }
    }

    @Test("S3: what handlers throw is what the gates see, and what the client gets")
    func errors() async throws {
        let breaker = CircuitBreaker("b", try .init(window: .count(10), minimumCalls: 5))
        try await under([.gate(breaker)]) { client, _ in
            for code in ["NOT_FOUND", "UNAVAILABLE"] {
                let text = Fourkinds_Text("fail:\(code):as asked")
                let error = await #expect(throws: RPCError.self) { try await client.unary(FourKinds.unary, text) }
                #expect(error?.code.name == code && error?.message == "as asked")
            }
            #expect(breaker.snapshot().failed == 1 && breaker.snapshot().calls == 2)
        }
    }

    @Test("S8: a stream's gates hear of its first message while it goes on")
    func streams() async throws {
        let breaker = CircuitBreaker(
            "b", try .init(window: .count(10), minimumCalls: 2, open: .init(for: .nanoseconds(1), jitter: 0), halfOpen: .init(probes: 1)))
        await breaker.trip()
        try await under([.gate(breaker)]) { client, _ in
            try await client.bidirectional(FourKinds.bidirectional) { requests, responses in
                try await requests.write("a")
                let answer = try await responses.next()
                #expect(answer == "A" && breaker.state == .closed)
                requests.finish()
            }
        }
    }

    @Test("What would run a handler twice, or answer in its place, is refused")
    func impossible() throws {
        let retry = Pipeline("p", [.retry(try Retry("again", .init(maxAttempts: 2)))])
        #expect(throws: ConfigurationError.self) { try ServerPolicies(RouteTable(rest: RoutePolicy(name: "r", pipeline: retry))) }
        let fallback = Fallback<RoutePolicy.FallbackKey, [UInt8]>("f", try .init([.lastGood(maxAge: .seconds(60))]))
        let route = RoutePolicy(name: "r", pipeline: Pipeline("p", []), fallback: fallback)
        #expect(throws: ConfigurationError.self) { try ServerPolicies(RouteTable(methods: ["/a.B/C": route])) }
    }

    @Test("S43: a stream on which nothing passes for too long is ended, whoever is silent; what passed before is heard of")
    func idle() async throws {
        let timeout = Timeout("t", try .init(after: .seconds(3_600), idle: .milliseconds(50)))
        let breaker = CircuitBreaker("b", try .init(window: .count(10), minimumCalls: 10))
        try await under([.timeout(timeout), .gate(breaker)]) { client, _ in
            let error = await #expect(throws: RPCError.self) {
                try await client.bidirectional(FourKinds.bidirectional) { requests, responses in
                    try await requests.write("x")
                    for try await response in responses { #expect(response.text == "X") }
                }
            }
            #expect(error?.code == .deadlineExceeded)
        }
        #expect(timeout.counters.timedOut == 1)
    }
}
