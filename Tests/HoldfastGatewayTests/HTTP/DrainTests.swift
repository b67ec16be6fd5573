import Holdfast
import HoldfastGateway
import Testing

@Suite("A gateway that ends", .timeLimit(.minutes(1)))
struct DrainTests {
    @Test("What was taken is answered, idle connections are closed, and WebSockets with 1001 when their messages are answered")
    func drain() async throws {
        try await withGateway { stage in
            let idle = try await RawClient.connect(port: stage.port)
            try await idle.send(RawClient.request("GET /v1/say?name=a"))
            _ = await idle.text(until: "}\n")
            let streaming = try await RawClient.connect(port: stage.port)
            try await streaming.send(
                "POST /v1/echo HTTP/1.1\r\nHost: gateway\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
                    + "f\r\n{\"message\":\"a\"}\r\n")
            _ = await streaming.text(until: "a!")
            let (socket, _) = try await RawClient.webSocket(stage.port, "/v1/echo?method=POST")
            try await socket.sendFrame(#"{"message":"b"}"#)
            _ = await socket.receive { String(decoding: $0, as: UTF8.self).contains("b!") }

            async let ended: Void = stage.gateway.shutdown(grace: .seconds(60))
            #expect(await idle.textToEnd().isEmpty)
            #expect(await socket.receive { $0.count >= 4 }.prefix(4) == [0x88, 2, 0x03, 0xE9], "1001")
            try await socket.send([0x88, 0x82, 0, 0, 0, 0, 0x03, 0xE9])
            // The request that was begun goes on.
            try await streaming.send("f\r\n{\"message\":\"c\"}\r\n0\r\n\r\n")
            let rest = await streaming.textToEnd()
            #expect(rest.contains("c!") && rest.hasSuffix("\r\n0\r\n\r\n"))
            await ended
            await #expect(throws: (any Error).self) { try await RawClient.connect(port: stage.port) }
        }
    }

    @Test("What is not done in time is ended, and told so")
    func stop() async throws {
        try await withGateway(echo: Flood(pause: .seconds(3600))) { stage in
            let waiting = try await RawClient.connect(port: stage.port)
            try await waiting.send(RawClient.request("GET /v1/echo"))
            let (socket, _) = try await RawClient.webSocket(stage.port, "/v1/echo")
            for _ in 0..<2 { _ = await stage.metadata.first { _ in true } }
            await stage.gateway.shutdown(grace: .zero)
            let answer = try HTTPAnswer(await waiting.textToEnd())
            #expect(answer.status == 503 && answer.error("message")?.contains("shuts down") == true)
            let frames = await socket.receive()
            #expect(frames.contains([0x03, 0xE9]), "1001")
        }
    }

    @Test("One connection more than there may be is told so")
    func connections() async throws {
        var configuration = Gateway.Configuration()
        configuration.maximumConnections = 1
        try await withGateway(configuration: configuration) { stage in
            let first = try await RawClient.connect(port: stage.port)
            try await first.send(RawClient.request("GET /v1/say?name=a"))
            _ = await first.text(until: "}\n")
            let second = try await RawClient.connect(port: stage.port)
            let answer = try HTTPAnswer(await second.textToEnd())
            #expect(answer.status == 503 && answer.headers["retry-after"] == "1" && answer.error("message")?.contains("too many") == true)
        }
    }

    #if os(Linux)
    // Other systems have no second address of loopback.
    @Test("One client has no more connections than it may, and none less for those that were refused or have ended; others have theirs")
    func connectionsPerAddress() async throws {
        var configuration = Gateway.Configuration()
        configuration.maximumConnectionsPerAddress = 2
        try await withGateway(configuration: configuration) { stage in
            func isServed(_ client: RawClient) async throws -> Bool {
                try await client.send(RawClient.request("GET /v1/say?name=a"))
                return await client.text(until: "}\n").hasPrefix("HTTP/1.1 200 ")
            }
            let (first, second) = (try await RawClient.connect(port: stage.port), try await RawClient.connect(port: stage.port))
            #expect(try await isServed(first))
            #expect(try await isServed(second))
            for _ in 0..<5 {
                let answer = try HTTPAnswer(await RawClient.connect(port: stage.port).textToEnd())
                #expect(answer.status == 503 && answer.headers["retry-after"] == "1")
                #expect(answer.error("message")?.hasPrefix("there are 2 connections from your address") == true, "\(answer)")
            }
            let other = try await RawClient.connect(port: stage.port, from: "127.0.0.2")
            #expect(try await isServed(other))
            try await first.send(RawClient.request("GET /v1/say?name=a", ["Connection: close"]))
            #expect(await first.textToEnd().contains("200 OK"))
            // The gateway has its own moment to see that end.
            var isThirdServed = false
            while !isThirdServed {
                let third = try await RawClient.connect(port: stage.port)
                isThirdServed = (try? await isServed(third)) == true
            }
        }
    }
    #endif

    @Test("A configuration that cannot be is refused")
    func configuration() async throws {
        var configuration = Gateway.Configuration()
        configuration.maximumMessageLength = 10
        await #expect(throws: ConfigurationError.self) { try await withGateway(configuration: configuration) { _ in } }
    }
}
