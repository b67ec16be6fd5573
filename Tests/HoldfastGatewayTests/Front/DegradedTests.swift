import HoldfastRPC
import SayEcho
import Testing

/// Takes calls of Echo and never answers.
private struct HungEcho: RPCService {
    func register(on router: inout RPCRouter) {
        router.bidirectional(SayEchoMethods.echo) { _, _, _ in try await Task.sleep(for: .seconds(3600)) }
    }
}

@Suite("When the services are gone", .timeLimit(.minutes(1)))
struct DegradedTests {
    private static let policies = #"""
        {"version":1,
         "policies":{
           "say":{"pipeline":[{"timeout":{"after":"5s"}}],
                  "fallback":[{"lastGood":{"maxAge":"1h"}},{"value":{"body":"busy"}}]},
           "echo":{"pipeline":[{"circuitBreaker":{"window":{"count":10},"minimumCalls":1,"consecutiveFailures":1,
                                                  "open":{"for":"1h","max":"2h","jitter":0}}}]}},
         "routes":{"grpconepb.grpconepb/SayHi":{"policy":"say","idempotent":true},"echoserver.EchoService/*":"echo"}}
        """#

    @Test("The last good answer and the default are marked as such, in the headers and in the answer")
    func fallbacks() async throws {
        try await withGateway(policies: Self.policies) { stage in
            let good = try await RawClient.ask(stage.port, "GET /v1/say?name=kitty&msg=hi")
            #expect(good.status == 200 && good.headers["holdfast-fallback"] == nil)
            await stage.endServices()
            let kept = try await RawClient.ask(stage.port, "GET /v1/say?name=kitty&msg=hi")
            #expect(kept.status == 200 && kept.headers["holdfast-fallback"] == "lastGood" && kept.headers["cache-control"] == "no-store")
            let body = try good.json["body"] as? String
            #expect(try kept.json["body"] as? String == body)
            let mark = try #require(try kept.json["@fallback"] as? [String: Any])
            #expect(mark["step"] as? String == "lastGood" && (mark["error"] as? [String: Any])?["code"] as? Int == 14)
            let fixed = try await RawClient.ask(stage.port, "GET /v1/say?name=other")
            #expect(fixed.headers["holdfast-fallback"] == "value")
            #expect(try fixed.json["body"] as? String == "busy")
        }
    }

    @Test("An open breaker is 503 with the time to come back, and 1013 on a WebSocket")
    func openBreaker() async throws {
        try await withGateway(policies: Self.policies) { stage in
            await stage.endServices()
            let failed = try await RawClient.ask(stage.port, "POST /v1/echo", body: "{}")
            #expect(failed.status == 503 && failed.headers["retry-after"] == nil)
            #expect(failed.error("message") == "the service cannot be reached")
            let refused = try await RawClient.ask(stage.port, "POST /v1/echo", body: "{}")
            #expect(refused.status == 503 && refused.error("reason") == "open")
            let seconds = try #require(refused.headers["retry-after"].flatMap { Int($0) })
            #expect((3000...3600).contains(seconds))
            let (socket, answer) = try await RawClient.webSocket(stage.port, "/v1/echo")
            #expect(answer.status == 101)
            let frames = await socket.receive { $0.contains([0x03, 0xF5]) }
            #expect(frames.contains([0x88]) && frames.contains([0x03, 0xF5]), "1013")
        }
    }

    @Test("A part that does not answer does not take the others with it, whoever set the deadline", arguments: [true, false])
    func hungPart(isLimited: Bool) async throws {
        let limits = #"{"version":1,"policies":{"l":{"pipeline":[{"timeout":{"after":"5s"}}]}},"routes":{"holdfast.Gateway/*":"l"}}"#
        try await withGateway(limits: isLimited ? try registry(limits) : nil, echo: HungEcho()) { stage in
            let answer = try await RawClient.ask(stage.port, "GET /v1/hello?name=kitty", isLimited ? [] : ["Grpc-Timeout: 5S"])
            #expect(answer.status == 200 && answer.headers["holdfast-partial"] == "echo", "\(answer)")
            let echo = (try answer.json["parts"] as? [String: [String: Any]])?["echo"]?["error"] as? [String: Any]
            #expect(echo?["message"] as? String == "the call's deadline passed before the service had answered", "and not where that is")
        }
    }

    @Test("Of an answer of several parts, those that are there are given, and the others marked; with none there is an error")
    func parts() async throws {
        try await withGateway(policies: Self.policies) { stage in
            let whole = try await RawClient.ask(stage.port, "GET /v1/hello?name=kitty")
            #expect(whole.status == 200 && whole.headers["holdfast-partial"] == nil && whole.body.contains(#""failed":[]"#))
            await stage.endServices()
            let part = try await RawClient.ask(stage.port, "GET /v1/hello?name=kitty")
            #expect(part.status == 200 && part.headers["holdfast-partial"] == "echo" && part.headers["holdfast-fallback"] == "lastGood")
            #expect(try part.json["failed"] as? [String] == ["echo"])
            let parts = try #require(try part.json["parts"] as? [String: [String: Any]])
            #expect(parts["say"]?["result"] != nil && (parts["echo"]?["error"] as? [String: Any])?["httpStatus"] as? Int == 503)
        }
        try await withGateway { stage in
            await stage.endServices()
            let none = try await RawClient.ask(stage.port, "GET /v1/hello?name=kitty")
            #expect(none.status == 503)
        }
    }
}
