import HoldfastGateway
import HoldfastRPC
import Testing

@Suite("What services are told of a request", .timeLimit(.minutes(1)))
struct RequestTests {
    @Test("Authorization, identity, trace context and metadata reach the service, with where the request came from")
    func metadata() async throws {
        try await withGateway { stage in
            _ = try await RawClient.ask(
                stage.port, "GET /v1/say?name=a",
                [
                    "Authorization: Bearer secret", "X-Request-Id: mine", "Traceparent: 00-1-2-01", "Grpc-Metadata-Tenant: acme",
                    "Cookie: token=no",
                    "X-Forwarded-For: 192.0.2.1",
                ])
            let metadata = try #require(await stage.metadata.first { _ in true })
            #expect(metadata.values(for: "authorization") == ["Bearer secret"] && metadata["x-request-id"] == "mine")
            #expect(metadata["traceparent"] == "00-1-2-01" && metadata["tenant"] == "acme" && metadata["cookie"] == nil)
            #expect(metadata["x-forwarded-for"] == "192.0.2.1, 127.0.0.1")
        }
    }

    @Test(
        "A WebSocket's token comes from its subprotocol or its cookie",
        arguments: [("Sec-WebSocket-Protocol: Bearer, secret", "Bearer"), ("Cookie: token=secret", nil)] as [(String, String?)])
    func token(header: String, subprotocol: String?) async throws {
        try await withGateway { stage in
            let (client, answer) = try await RawClient.webSocket(stage.port, "/v1/echo", [header])
            #expect(answer.status == 101 && answer.headers["sec-websocket-protocol"] == subprotocol)
            #expect(answer.headers["sec-websocket-accept"] == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", "the example of RFC 6455")
            let metadata = try #require(await stage.metadata.first { _ in true })
            #expect(metadata["authorization"] == "Bearer secret")
            try await client.close()
        }
    }

    @Test("Requests that come at once are answered in order, on one connection")
    func pipelining() async throws {
        try await withGateway { stage in
            let client = try await RawClient.connect(port: stage.port)
            let requests =
                (0..<20).map { RawClient.request("GET /v1/say?name=\($0)") } + [RawClient.request("GET /", ["Connection: close"])]
            try await client.send(requests.joined())
            let text = await client.textToEnd()
            let found = text.matches(of: /"body":"\[\{\\"(\d+)\\"/).compactMap { Int($0.output.1) }
            #expect(found == Array(0..<20) && text.contains("404 Not Found"))
        }
    }

    @Test("A large body is asked for before it is sent")
    func expectation() async throws {
        try await withGateway { stage in
            let client = try await RawClient.connect(port: stage.port)
            try await client.send(
                "POST /v1/say HTTP/1.1\r\nHost: gateway\r\nContent-Type: application/json\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n"
            )
            #expect(await client.text(until: "\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n")
            try await client.send("{}")
            #expect(await client.text(until: "}\n").hasPrefix("HTTP/1.1 200 OK\r\n"))
        }
    }

    @Test("Each request is logged with what became of it")
    func log() async throws {
        try await withGateway { stage in
            _ = try await RawClient.ask(stage.port, "GET /v1/say?name=secret", ["X-Request-Id: mine"])
            let served = try #require(await stage.nextRecord())
            #expect(
                served.id == "mine" && served.path == "/v1/say" && served.status == 200 && served.answers == 1
                    && served.client == "127.0.0.1")
            #expect(
                served.json.hasPrefix(#"{"id":"mine","client":"127.0.0.1","method":"GET","path":"/v1/say","route":"Say","status":200,"#))
            _ = try await RawClient.ask(stage.port, "GET /nowhere")
            let refused = try #require(await stage.nextRecord())
            #expect(refused.status == 404 && refused.route == nil && refused.failure == "there is nothing at this path")
        }
    }
}
