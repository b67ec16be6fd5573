import Holdfast
import HoldfastGateway
import HoldfastPolicyFiles
import Testing

@Suite("What clients may ask", .timeLimit(.minutes(1)))
struct LimitTests {
    private static func quota(_ permits: Int, more: String = "") -> String {
        """
        {"version":1,
         "policies":{"quota":{"pipeline":[{"rateLimiter":{"fixedWindow":{"permits":\(permits),"per":"1h"},"key":"peer"}}\(more)]}},
         "routes":{"holdfast.Gateway/*":"quota"}}
        """
    }

    @Test("Each client has a quota of its own, hears of it, and is told when to come back")
    func quota() async throws {
        var configuration = Gateway.Configuration()
        configuration.apiKeys = ["first key", "second key"]
        try await withGateway(limits: try registry(Self.quota(2)), configuration: configuration) { stage in
            for (client, headers) in [("address", []), ("first", ["X-API-Key: first key"]), ("second", ["X-API-Key: second key"])] {
                for remaining in [1, 0] {
                    let answer = try await RawClient.ask(stage.port, "GET /v1/say?name=kitty", headers)
                    #expect(answer.status == 200, "\(client)")
                    #expect(answer.headers["ratelimit-policy"] == "\"quota/rateLimiter\";q=2;w=3600")
                    #expect(answer.headers["ratelimit"]?.hasPrefix("\"quota/rateLimiter\";r=\(remaining);t=") == true, "\(answer)")
                }
                let refused = try await RawClient.ask(stage.port, "GET /v1/say?name=kitty", headers)
                #expect(refused.status == 429 && refused.error("reason") == "quota", "\(client)")
                let seconds = try #require(refused.headers["retry-after"].flatMap { Int($0) })
                #expect((1...3600).contains(seconds))
                #expect(refused.headers["ratelimit"]?.contains(";r=0;") == true)
            }
            let unknown = try await RawClient.ask(stage.port, "GET /v1/say?name=kitty", ["X-API-Key: guess"])
            #expect(unknown.status == 401)
            let socket = try await RawClient.webSocket(stage.port, "/v1/echo")
            #expect(socket.answer.status == 429, "a handshake is a request like any other")
            for await record in stage.records where record.method == "WEBSOCKET" {
                #expect(record.status == 429 && record.code == .resourceExhausted)
                break
            }
        }
    }

    @Test("What a client sends wrongly is told to it as such, also under policies", arguments: [true, false])
    func wrongMessage(isUnderPolicies: Bool) async throws {
        let policies = #"{"version":1,"policies":{"p":{"pipeline":[{"bulkhead":{"maxConcurrent":9}}]}},"routes":{"*":"p"}}"#
        try await withGateway(policies: isUnderPolicies ? policies : nil) { stage in
            for (body, status) in [
                (#"{"x":1}"#, 400), ("[]", 400), ("{", 400), (#"{"message":"\#(String(repeating: "x", count: 2 << 20))"}"#, 413),
            ] {
                let answer = try await RawClient.ask(stage.port, "POST /v1/echo", body: body)
                #expect(answer.status == status, "\(body.prefix(9)): \(answer)")
            }
            let (socket, answer) = try await RawClient.webSocket(stage.port, "/v1/echo?method=POST")
            #expect(answer.status == 101)
            try await socket.sendFrame(#"{"x":1}"#)
            let frames = await socket.receive { $0.contains([0x03, 0xEF]) }
            #expect(frames.contains([0x03, 0xEF]), "1007")
        }
    }

    @Test("Limits that change are in force for the next request, and what is used stays used")
    func reload() async throws {
        let limits = try registry(Self.quota(1))
        try await withGateway(limits: limits) { stage in
            let before = [
                try await RawClient.ask(stage.port, "GET /v1/say"), try await RawClient.ask(stage.port, "GET /v1/say"),
            ]
            #expect(before.map(\.status) == [200, 429])
            try await limits.apply(try parsed(Self.quota(2)))
            let after = [
                try await RawClient.ask(stage.port, "GET /v1/say"), try await RawClient.ask(stage.port, "GET /v1/say"),
            ]
            #expect(after.map(\.status) == [200, 429])
        }
    }

    @Test("What would run a call twice cannot stand in front of one, at first or later")
    func noRetries() async throws {
        let wrong = Self.quota(1, more: #",{"retry":{}}"#)
        await #expect(throws: DocumentError.self) { try await withGateway(limits: try registry(wrong)) { _ in } }
        let limits = try registry(Self.quota(1))
        try await withGateway(limits: limits) { _ in
            await #expect(throws: DocumentError.self) { try await limits.apply(try parsed(wrong)) }
        }
    }

    @Test("A bulkhead counts a stream for as long as it goes on")
    func bulkhead() async throws {
        let limits = try registry(
            """
            {"version":1,"policies":{"one":{"pipeline":[{"bulkhead":{"maxConcurrent":1}}]}},"routes":{"holdfast.Gateway/*":"one"}}
            """)
        try await withGateway(limits: limits) { stage in
            let (client, answer) = try await RawClient.webSocket(stage.port, "/v1/echo?method=POST")
            #expect(answer.status == 101)
            let refused = try await RawClient.ask(stage.port, "GET /v1/say")
            #expect(refused.status == 429 && refused.error("reason") == "full")
            #expect(await stage.nextRecord()?.status == 429)
            try await client.close()
            #expect(await stage.nextRecord()?.route == "Echo")
            #expect(try await RawClient.ask(stage.port, "GET /v1/say").status == 200)
        }
    }
}
