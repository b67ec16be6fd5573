import Holdfast
import Testing

@testable import HoldfastRPC

@Suite("What a server does not put up with")
struct ServerLimitTests {
    private static func configuration(_ change: (inout RPCServer.Configuration) -> Void) -> RPCServer.Configuration {
        var configuration = RPCServer.Configuration()
        change(&configuration)
        return configuration
    }

    struct Bad: Sendable, CustomTestStringConvertible {
        let field: String
        let change: @Sendable (inout RPCServer.Configuration) -> Void
        var testDescription: String { field }

        init(_ field: String, _ change: @escaping @Sendable (inout RPCServer.Configuration) -> Void) {
            (self.field, self.change) = (field, change)
        }
    }

    @Test(
        "A setting outside its range is refused at the start",
        arguments: [
            Bad("maximumMessageLength") { $0.maximumMessageLength = 0 },
            Bad("maximumMessageLength") { $0.maximumMessageLength = .max },
            Bad("maximumHeaderListSize") { $0.maximumHeaderListSize = 1_023 },
            Bad("maximumConcurrentCalls") { $0.maximumConcurrentCalls = 0 },
            Bad("maximumConnections") { $0.maximumConnections = -1 },
            Bad("prefaceTimeout") { $0.prefaceTimeout = .zero },
            Bad("requestTimeout") { $0.requestTimeout = .zero },
            Bad("readTimeout") { $0.readTimeout = .zero },
            Bad("idleTimeout") { $0.idleTimeout = .zero },
            Bad("maximumConnectionAge") { $0.maximumConnectionAge = .zero },
            Bad("maximumConnectionAgeGrace") { $0.maximumConnectionAgeGrace = .seconds(-1) },
            Bad("keepalive.interval") { $0.keepalive.interval = .zero },
            Bad("keepalive.timeout") { $0.keepalive.timeout = .zero },
            Bad("pingEnforcement.minimumInterval") { $0.pingEnforcement.minimumInterval = .seconds(-1) },
            Bad("pingEnforcement.strikes") { $0.pingEnforcement.strikes = -1 },
            Bad("shutdownGrace") { $0.shutdownGrace = .seconds(-1) },
        ])
    func validation(_ bad: Bad) async {
        let error = await #expect(throws: ConfigurationError.self) {
            try await RPCServer.start(
                host: "127.0.0.1", port: 0, security: .plaintext, services: [], configuration: Self.configuration(bad.change))
        }
        #expect(error?.field == bad.field)
    }

    @Test("S40: a call that has no time left is refused before any work")
    func noTimeLeft() async throws {
        let begun = Locked(0)
        let count: ServerInterceptor = { _, next in
            begun.withLock { $0 += 1 }
            try await next()
        }
        try await serving([FourKindsService()], interceptors: [count]) { server in
            let status = try await blocking {
                let client = try RawClient(port: server.port)
                client.socket.send(
                    RawFrames.headers([
                        (":method", "POST"), (":scheme", "http"), (":path", "/fourkinds.FourKinds/ClientStreaming"),
                        (":authority", "test"), ("te", "trailers"), ("content-type", "application/grpc"), ("grpc-timeout", "0n"),
                    ]))
                return try client.answer().head.grpcStatus
            }
            #expect(status == StatusCode.deadlineExceeded.rawValue)
        }
        #expect(begun.withLock { $0 } == 0)
    }

    @Test("A connection above the limit is closed at once, and a place that comes free is taken again")
    func connections() async throws {
        try await serving([FourKindsService()], configuration: Self.configuration { $0.maximumConnections = 1 }) { server in
            try await calling(server) { client in
                #expect(try await client.unary(FourKinds.unary, "x").message == "X")
                let said = try await blocking { try RawClient(port: server.port).rest() }
                #expect(said.isEmpty)
                #expect(try await client.unary(FourKinds.unary, "y").message == "Y")
            }
            var answer: Fourkinds_Text?
            while answer == nil {
                answer = try? await calling(server) { try await $0.unary(FourKinds.unary, "z").message }
            }
            #expect(answer == "Z")
        }
    }

    @Test("Headers and messages above the limit end their call with RESOURCE_EXHAUSTED")
    func sizes() async throws {
        let configuration = Self.configuration {
            $0.maximumHeaderListSize = 1_024
            $0.maximumMessageLength = 100
        }
        try await serving([FourKindsService()], configuration: configuration) { server in
            try await calling(server) { client in
                let options = CallOptions(metadata: ["long": String(repeating: "x", count: 1_024)])
                let headers = await #expect(throws: RPCError.self) { try await client.unary(FourKinds.unary, "x", options: options) }
                #expect(headers?.code == .resourceExhausted)
                let long = Fourkinds_Text(String(repeating: "x", count: 100))
                let message = await #expect(throws: RPCError.self) { try await client.unary(FourKinds.unary, long) }
                #expect(message?.code == .resourceExhausted)
                let answer = try await client.unary(FourKinds.unary, "x").message
                #expect(answer == "X")
            }
        }
    }

    @Test(
        "The largest limit for headers holds as smaller ones do",
        arguments: [(60, StatusCode.ok), (70, .resourceExhausted), (240, .resourceExhausted)])
    func largestHeaderList(kibibytes: Int, code: StatusCode) async throws {
        let configuration = Self.configuration { $0.maximumHeaderListSize = 64 * 1_024 }
        try await serving([FourKindsService()], configuration: configuration) { server in
            let status = try await blocking {
                var block = RawFrames.block(HostileClient.request)
                // Without a place in HPACK's table.
                for _ in 0..<kibibytes { block += [0] + RawFrames.text("key") + RawFrames.text(String(repeating: "x", count: 1_024 - 35)) }
                var rest = block[...]
                var frames: [UInt8] = []
                while !rest.isEmpty {
                    let piece = Array(rest.prefix(16_384))
                    rest = rest.dropFirst(piece.count)
                    frames +=
                        frames.isEmpty
                        ? RawFrames.headers(block: piece, flags: rest.isEmpty ? 4 : 0) : RawFrames.continuation(piece, ends: rest.isEmpty)
                }
                frames += RawFrames.data(HostileClient.hello, ends: true)
                let answer = try RawClient(port: server.port, RawFrames.preface + RawFrames.settings + frames).answer()
                return (answer.trailers ?? answer.head).grpcStatus
            }
            #expect(status == code.rawValue)
        }
    }

    @Test(
        "A connection that begins with nothing is closed in time", arguments: [[], Array(RawFrames.preface.prefix(10)), RawFrames.preface])
    func slowPreface(bytes: [UInt8]) async throws {
        try await serving([], configuration: Self.configuration { $0.prefaceTimeout = .milliseconds(20) }) { server in
            let said = try await blocking { try RawClient(port: server.port, bytes).rest() }
            #expect(RawClient.goAways(in: said).isEmpty)
        }
    }

    @Test("A request whose message does not come is ended, and its connection goes on")
    func slowMessage() async throws {
        let configuration = Self.configuration { $0.requestTimeout = .milliseconds(20) }
        try await serving([FourKindsService()], configuration: configuration) { server in
            let answer = try await blocking {
                let client = try RawClient(port: server.port)
                client.socket.send(RawClient.request)
                return try client.answer()
            }
            #expect((answer.trailers ?? answer.head).grpcStatus == StatusCode.cancelled.rawValue)
            #expect((answer.trailers ?? answer.head).grpcMessage == "the request did not arrive in time")
        }
    }

    @Test("Headers that do not end close the connection")
    func slowHeaders() async throws {
        let configuration = Self.configuration { $0.requestTimeout = .milliseconds(20) }
        try await serving([FourKindsService()], configuration: configuration) { server in
            _ = try await blocking {
                let client = try RawClient(port: server.port)
                var headers = RawClient.request
                headers[4] = 0
                client.socket.send(headers)
                return client.rest()
            }
        }
    }

    @Test("A client that pings too often is told so and disconnected; the others live on")
    func pings() async throws {
        try await serving([FourKindsService()]) { server in
            try await calling(server) { other in
                #expect(try await other.unary(FourKinds.unary, "x").message == "X")
                let said = try await blocking {
                    let client = try RawClient(port: server.port)
                    for _ in 0..<4 { client.socket.send(RawClient.ping) }
                    return client.rest()
                }
                let goAway = try #require(RawClient.goAways(in: said).first)
                #expect(goAway.code == 11 && goAway.reason == "too_many_pings")
                #expect(try await other.unary(FourKinds.unary, "y").message == "Y")
            }
        }
    }

    @Test("A client may ping as often as it likes while an answer that was given long ago flows")
    func pingsDuringAnswer() async throws {
        let configuration = Self.configuration {
            $0.pingEnforcement.minimumInterval = .seconds(3_600)
            $0.pingEnforcement.strikes = 0
        }
        try await serving([FourKindsService()], configuration: configuration) { server in
            let (status, pings) = try await blocking {
                let client = try SlowReader(port: server.port)
                let call = try client.open(FourKinds.unary.path, String(repeating: "x", count: 10 * SlowReader.window))
                var pings = 0
                while call.isOpen {
                    // Each ping has a window full of the answer in front of it.
                    while call.isOpen, call.unreturned < SlowReader.window {
                        guard try client.exchange() != nil else { return (call.trailers?.grpcStatus, pings) }
                    }
                    client.session.submitPing()
                    var isAnswered = false
                    while !isAnswered {
                        guard let events = try client.exchange() else { return (call.trailers?.grpcStatus, pings) }
                        isAnswered = events.contains { if case .pong = $0 { true } else { false } }
                    }
                    pings += 1
                    client.session.returnWindow(of: call)
                }
                return (call.trailers?.grpcStatus, pings)
            }
            #expect(status == 0)
            #expect(pings == 11)
        }
    }

    @Test("A client that does not answer a ping is disconnected, one that does lives on")
    func keepalive() async throws {
        // A long timeout for the one that answers: on a busy machine it may take a while.
        let patient = Self.configuration { $0.keepalive.interval = .milliseconds(5) }
        let held = HeldService()
        try await serving([held], configuration: patient) { server in
            try await calling(server) { client in
                async let call = client.unary(HeldService.unary, "x")
                try await held.arrived(1)
                let impatient = Self.configuration {
                    $0.keepalive.interval = .milliseconds(20)
                    $0.keepalive.timeout = .milliseconds(20)
                }
                try await serving([], configuration: impatient) { server in
                    let said = try await blocking { try RawClient(port: server.port).rest() }
                    // The last frame is the ping: no GOAWAY, since nobody is there to read it.
                    #expect(said.suffix(17).prefix(5) == [0, 0, 8, 6, 0])
                }
                held.release()
                let answer = try await call.message
                #expect(answer == "x")
            }
        }
    }

    @Test("A connection without calls is drained: first the notice, then the last call, then the end")
    func idle() async throws {
        let configuration = Self.configuration {
            $0.idleTimeout = .milliseconds(20)
            $0.keepalive.timeout = .milliseconds(20)
        }
        try await serving([FourKindsService()], configuration: configuration) { server in
            let said = try await blocking { try RawClient(port: server.port).rest() }
            let goAways = RawClient.goAways(in: said)
            #expect(goAways.first?.lastStream == Int(Int32.max) && goAways.last?.lastStream == 0)
            #expect(goAways.allSatisfy { $0.code == 0 })
        }
    }

    @Test("A connection that is too old is drained; its client makes another one, and every call that was served is answered")
    func age() async throws {
        let configuration = Self.configuration { $0.maximumConnectionAge = .milliseconds(20) }
        let log = Locked<(peers: Set<String>, served: Int)>(([], 0))
        let note: ServerInterceptor = { call, next in
            try await next()
            log.withLock { log in
                log.peers.insert(call.peer)
                log.served += 1
            }
        }
        try await serving([FourKindsService()], interceptors: [note], configuration: configuration) { server in
            try await calling(server) { client in
                var answered = 0
                while log.withLock({ $0.peers.count }) < 3 {
                    // A call that is about to leave when the notice comes is refused unserved.
                    if (try? await client.unary(FourKinds.unary, "x")) != nil { answered += 1 }
                }
                #expect(log.withLock { $0.served } == answered)
            }
        }
    }
}
