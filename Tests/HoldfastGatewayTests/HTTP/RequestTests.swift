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

    @Test("A request that is refused at once leaves the connection to the next, unless a body follows it; then the answer says so")
    func refusedAtOnce() async throws {
        try await withGateway { stage in
            let client = try await RawClient.connect(port: stage.port)
            let refused = [
                RawClient.request("GET /nowhere"), RawClient.request("PUT /v1/say"), RawClient.request("OPTIONS /v1/say"),
                RawClient.request("GET /v1/say", ["X-API-Key: guess"]),
            ]
            try await client.send((refused + [RawClient.request("GET /v1/say?name=last", ["Connection: close"])]).joined())
            let text = await client.textToEnd()
            #expect(text.matches(of: /HTTP\/1.1 (\d+)/).map { String($0.output.1) } == ["404", "405", "204", "200", "200"], "\(text)")
            #expect(text.matches(of: /(?i)connection: close/).count == 1)

            for request in [
                "POST /v1/say HTTP/1.1\r\nHost: gateway\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\n{}",
                RawClient.request("POST /nowhere", body: "{}"),
            ] {
                let client = try await RawClient.connect(port: stage.port)
                try await client.send(request)
                let answer = try HTTPAnswer(await client.textToEnd())
                #expect(answer.status >= 400 && answer.headers["connection"] == "close", "\(request): \(answer)")
            }
        }
    }

    @Test("The server may be named in the address, and of a page or of one answer the head alone be asked for")
    func addressAndHead() async throws {
        try await withGateway { stage in
            let absolute = try await RawClient.ask(stage.port, "GET http://gateway/v1/say?name=kitty")
            #expect(absolute.status == 200 && absolute.body.contains("kitty"))
            let whole = try await RawClient.ask(stage.port, "GET /v1/say?name=kitty")
            let head = try await RawClient.ask(stage.port, "HEAD /v1/say?name=kitty")
            #expect(head.status == 200 && head.body == "" && head.headers["content-length"] == whole.headers["content-length"])
            #expect(head.headers["content-length"] == String(whole.body.utf8.count))
            let stream = try await RawClient.ask(stage.port, "HEAD /v1/echo")
            #expect(stream.status == 405 && stream.headers["allow"] == "GET, POST, OPTIONS" && stream.body == "")
        }
    }

    @Test("What browsers are told of other origins is told once")
    func crossOrigin() async throws {
        var configuration = Gateway.Configuration()
        configuration.origins = .these(["https://shop.example"])
        try await withGateway(configuration: configuration) { stage in
            let client = try await RawClient.connect(port: stage.port)
            let preflight = ["Origin: https://shop.example", "Access-Control-Request-Method: POST", "Connection: close"]
            try await client.send(RawClient.request("OPTIONS /v1/echo", preflight))
            let text = await client.textToEnd().lowercased()
            #expect(text.hasPrefix("http/1.1 204"))
            let names = text.split(separator: "\r\n").dropFirst().compactMap { $0.split(separator: ":").first }
            #expect(names.count == Set(names).count, "\(text)")
            #expect(text.contains("access-control-allow-origin: https://shop.example\r\n"))
            #expect(text.contains("access-control-allow-methods: get, post\r\n"))
            let other = try await RawClient.ask(
                stage.port, "OPTIONS /v1/echo", ["Origin: https://evil.example"] + preflight.dropFirst().prefix(1))
            #expect(other.status == 403 && other.headers["access-control-allow-origin"] == nil)
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
            let answer = try await RawClient.ask(stage.port, "GET /nowhere")
            let record = try #require(await stage.nextRecord())
            #expect(answer.headers["x-request-id"] == record.id, "the client can name what the log has")
        }
    }
}
