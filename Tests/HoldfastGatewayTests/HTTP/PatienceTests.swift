import Holdfast
import HoldfastGateway
import HoldfastRPC
import SayEcho
import SwiftProtobuf
import Synchronization
import Testing

/// These wait for real clocks, but say nothing of how long that takes.
@Suite("How long clients are borne with", .timeLimit(.minutes(1)))
struct PatienceTests {
    private static func configuration(_ change: (inout Gateway.Configuration) -> Void) -> Gateway.Configuration {
        var configuration = Gateway.Configuration()
        change(&configuration)
        return configuration
    }

    @Test("Headers that come too slowly are 408", arguments: ["", "GET /v1/say HTTP/1.1\r\nHost: gate"])
    func headers(sent: String) async throws {
        try await withGateway(configuration: Self.configuration { $0.headerTimeout = .milliseconds(50) }) { stage in
            let client = try await RawClient.connect(port: stage.port)
            // It may be too late for that already.
            try? await client.send(sent)
            #expect(try HTTPAnswer(await client.textToEnd()).status == 408)
        }
    }

    @Test("A body that comes too slowly is 408, however little by little", arguments: ["{", "{\"name\":"])
    func body(sent: String) async throws {
        try await withGateway(configuration: Self.configuration { $0.bodyTimeout = .milliseconds(50) }) { stage in
            let client = try await RawClient.connect(port: stage.port)
            try await client.send(
                "POST /v1/say HTTP/1.1\r\nHost: gateway\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n\(sent)")
            #expect(try HTTPAnswer(await client.textToEnd()).status == 408)
        }
    }

    @Test("A connection without requests is closed")
    func keepAlive() async throws {
        try await withGateway(configuration: Self.configuration { $0.keepAliveTimeout = .milliseconds(50) }) { stage in
            let client = try await RawClient.connect(port: stage.port)
            try await client.send(RawClient.request("GET /v1/say?name=a"))
            #expect(try HTTPAnswer(await client.textToEnd()).status == 200)
        }
    }

    @Test("A call that takes too long is 504")
    func call() async throws {
        try await withGateway(configuration: Self.configuration { $0.callTimeout = .milliseconds(50) }, echo: Flood(pause: .seconds(3600)))
        { stage in
            // Echo's part of the answer never comes.
            let answer = try await RawClient.ask(stage.port, "GET /v1/hello?name=a")
            #expect(answer.body.contains(#""httpStatus":504"#), "\(answer)")
        }
    }

    @Test("A WebSocket whose client does not answer pings is closed")
    func pings() async throws {
        try await withGateway(configuration: Self.configuration { $0.pingInterval = .milliseconds(50) }) { stage in
            let (client, _) = try await RawClient.webSocket(stage.port, "/v1/echo?method=POST")
            #expect(await client.receive().prefix(2) == [0x89, 0], "a ping comes first")
            #expect(await stage.nextRecord()?.code == .cancelled)
        }
    }

    @Test("A WebSocket whose client does not end it is ended")
    func closing() async throws {
        try await withGateway(configuration: Self.configuration { $0.closeTimeout = .milliseconds(50) }) { stage in
            let (client, _) = try await RawClient.webSocket(stage.port, "/v1/say?method=POST")
            try await client.sendFrame("{}")
            let bytes = await client.receive()
            #expect(bytes.suffix(4) == [0x88, 2, 0x03, 0xE8])
        }
    }

    @Test("A client that reads nothing holds back the service, and is given up", arguments: ["GET /v1/echo", "WebSocket"])
    func stalled(kind: String) async throws {
        let flood = Flood(pause: .zero)
        try await withGateway(configuration: Self.configuration { $0.writeTimeout = .milliseconds(300) }, echo: flood) { stage in
            let client = try await RawClient.connect(port: stage.port)
            if kind == "WebSocket" {
                try await client.send(
                    RawClient.request(
                        "GET /v1/echo",
                        [
                            "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13",
                            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
                        ]))
            } else {
                try await client.send(RawClient.request(kind))
            }
            let record = try #require(await stage.nextRecord())
            #expect(record.code == .cancelled)
            // What fits into the sockets' buffers, and the windows of HTTP/2.
            #expect(flood.written < 64 * 1024 * 1024, "the service wrote \(flood.written) bytes")
            try await client.close()
        }
    }
}

/// An Echo whose streams never end.
final class Flood: RPCService {
    private let pause: Duration
    private let count = Atomic(0)
    private static let message = String(repeating: "a", count: 32 * 1024)

    var written: Int { count.load(ordering: .relaxed) }

    init(pause: Duration) {
        self.pause = pause
    }

    func register(on router: inout RPCRouter) {
        router.serverStreaming(SayEchoMethods.stream) { [self] _, responses, _ in try await pour(responses) }
        router.bidirectional(SayEchoMethods.echo) { [self] _, responses, _ in try await pour(responses) }
    }

    private func pour(_ responses: ResponseWriter<Echoserver_EchoResponse>) async throws {
        while true {
            if pause > .zero { try await TimeSource.system.sleep(for: pause) }
            try await responses.write(.with { $0.message = Self.message })
            count.wrappingAdd(Self.message.utf8.count, ordering: .relaxed)
        }
    }
}
