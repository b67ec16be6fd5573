import Holdfast
import Testing

@testable import HoldfastRPC

@Suite("Connections that are silent or not used")
struct LivenessTests {
    private static func client(_ port: Int, _ change: (inout RPCClient.Configuration) throws -> Void) throws -> RPCClient {
        var configuration = RPCClient.Configuration()
        try change(&configuration)
        return try RPCClient(host: "127.0.0.1", port: port, security: .plaintext, configuration: configuration)
    }

    @Test("A server that accepts and says nothing cannot be connected to")
    func silentFromTheStart() async throws {
        let (listener, port) = try LoopbackSocket.listen()
        try await withClient(Self.client(port) { $0.connectTimeout = .seconds(1) }) { client in
            let error = await #expect(throws: RPCError.self) { try await client.unary(FourKinds.unary, "x") }
            #expect(error?.message == "could not connect to 127.0.0.1:\(port): it did not answer in HTTP/2 in time")
            #expect(error?.isUnprocessed == true)
        }
        listener.finish()
    }

    @Test("A server that does not answer a ping is given up")
    func unansweredPing() async throws {
        let peer = try ScriptedPeer { connection, _ in while connection.frame() != nil {} }
        let keepalive = try Keepalive(interval: .milliseconds(10), timeout: .milliseconds(20))
        try await withClient(Self.client(peer.port) { $0.keepalive = keepalive }) { client in
            let error = await #expect(throws: RPCError.self) { try await client.unary(FourKinds.unary, "x") }
            #expect(error?.message.hasSuffix(": it did not answer a keepalive ping within 0.02 seconds") == true, "\(error?.message ?? "")")
            #expect(error?.isConnectionError == true && error?.isUnprocessed == false)
        }
    }

    @Test("A server that answers pings is waited for")
    func answeredPing() async throws {
        let peer = try ScriptedPeer { connection, _ in
            guard let request = connection.request() else { return }
            var pings = 0
            while pings < 3, let frame = connection.frame() {
                guard frame.type == 6, frame.flags == 0 else { continue }
                pings += 1
                connection.send([0, 0, 8, 6, 1, 0, 0, 0, 0] + frame.payload)
            }
            connection.answer(request)
            while connection.frame() != nil {}
        }
        let keepalive = try Keepalive(interval: .milliseconds(5), timeout: .seconds(10))
        try await withClient(Self.client(peer.port) { $0.keepalive = keepalive }) { client in
            let answer = try await client.unary(FourKinds.unary, "x").message
            #expect(answer == "X")
        }
    }

    @Test("A server that sends is waited for, though its message is not complete and it answers no ping")
    func sendingInsteadOfAnswering() async throws {
        let peer = try ScriptedPeer { connection, _ in
            guard let request = connection.request() else { return }
            let stream = Int32(request.stream)
            connection.send(RawFrames.headers([(":status", "200"), ("content-type", "application/grpc")], stream: stream))
            var message = RawFrames.message([10, 1, 88])[...]
            // Byte by byte, one for each ping.
            while message.count > 1, let frame = connection.frame() {
                if frame.type == 6, frame.flags == 0 { connection.send(RawFrames.data([message.removeFirst()], stream: stream)) }
            }
            connection.send(
                RawFrames.data(Array(message), stream: stream) + RawFrames.headers([("grpc-status", "0")], stream: stream, ends: true))
            connection.drain()
        }
        let keepalive = try Keepalive(interval: .milliseconds(5), timeout: .seconds(10))
        try await withClient(Self.client(peer.port) { $0.keepalive = keepalive }) { client in
            let answer = try await client.unary(FourKinds.unary, "x").message
            #expect(answer == "X")
        }
    }

    @Test(
        "A GOAWAY says whether it is for too many pings",
        arguments: [("too_many_pings", 11, true), ("too_many_pings", 0, false), ("x", 11, false)])
    func tooManyPings(reason: String, code: UInt8, expected: Bool) throws {
        let session = try HTTP2Session(role: .client, limits: SessionLimits())
        let payload = [0, 0, 0, 0, 0, 0, 0, code] + Array(reason.utf8)
        let bytes = RawFrames.settings + [0, 0, UInt8(payload.count), 7, 0, 0, 0, 0, 0] + payload
        try bytes.withUnsafeBytes { try session.receive($0) }
        let isForPings = session.takeEvents().compactMap { if case .goAway(let isForPings) = $0 { isForPings } else { nil } }
        #expect(isForPings == [expected])
    }

    @Test("A connection without calls is closed after a while, and another is made for the next call")
    func idle() async throws {
        let closed = Signal()
        let peer = try ScriptedPeer { connection, number in
            while let request = connection.request() { connection.answer(request) }
            if number == 1 { closed.fire() }
        }
        try await withClient(Self.client(peer.port) { $0.idleTimeout = .milliseconds(10) }) { client in
            #expect(try await client.unary(FourKinds.unary, "x").message == "X")
            try await closed.wait()
            #expect(try await client.unary(FourKinds.unary, "y").message == "Y")
            #expect(peer.accepted == 2)
        }
    }

    @Test("Connections that this side closes, for idleness, are not held against a server that was given no time to answer")
    func idleWithoutAnswer() async throws {
        let (asked, closed) = ([Signal(), Signal()], [Signal(), Signal()])
        let peer = try ScriptedPeer { connection, number in
            guard number <= 2 else {
                while let request = connection.request() { connection.answer(request) }
                return
            }
            _ = connection.request()
            asked[number - 1].fire()
            connection.drain()
            closed[number - 1].fire()
        }
        let client = try Self.client(peer.port) {
            $0.idleTimeout = .milliseconds(10)
            $0.backoff.base = .seconds(3_600)
        }
        try await withClient(client) { client in
            for number in 0..<2 {
                let call = Task { try await client.unary(FourKinds.unary, "given up") }
                try await asked[number].wait()
                call.cancel()
                await #expect(throws: CancellationError.self) { try await call.value }
                try await closed[number].wait()
            }
            let answer = try await client.unary(FourKinds.unary, "x").message
            #expect(answer == "X")
        }
    }

    @Test("A connection that carries a call is not idle")
    func busy() async throws {
        try await withServer { _, server, log in
            try await withClient(Self.client(server.port) { $0.idleTimeout = .milliseconds(2) }) { client in
                let error = await #expect(throws: RPCError.self) {
                    try await client.unary(FourKinds.unary, "sleep", options: CallOptions(timeout: .milliseconds(100)))
                }
                #expect(error?.code == .deadlineExceeded)
            }
        }
    }

    // Times in nanoseconds: interval 100, timeout 30.
    private func keepalive(_ permitWithoutCalls: Bool = false, factor: Int64 = 1) throws -> KeepaliveStateMachine {
        KeepaliveStateMachine(
            try Keepalive(interval: .nanoseconds(100), timeout: .nanoseconds(30), permitWithoutCalls: permitWithoutCalls),
            factor: factor, now: at(0))
    }

    private func expect(_ action: KeepaliveStateMachine.Action, _ machine: inout KeepaliveStateMachine, _ now: Instant, hasCalls: Bool) {
        let actual = machine.look(now: now, hasCalls: hasCalls)
        #expect(actual == action)
    }

    private func at(_ nanoseconds: Int64) -> Instant { Instant(nanoseconds: nanoseconds) }

    @Test("A ping follows an interval of silence; what is heard puts it off, and answers it")
    func pings() throws {
        var machine = try keepalive()
        expect(.wait(until: at(100)), &machine, at(99), hasCalls: true)
        machine.heard(now: at(50))
        expect(.wait(until: at(150)), &machine, at(100), hasCalls: true)
        expect(.ping(thenWaitUntil: at(180)), &machine, at(150), hasCalls: true)
        expect(.wait(until: at(180)), &machine, at(160), hasCalls: true)
        machine.heard(now: at(170))
        expect(.wait(until: at(270)), &machine, at(180), hasCalls: true)
        expect(.ping(thenWaitUntil: at(300)), &machine, at(270), hasCalls: true)
        expect(.close, &machine, at(300), hasCalls: false)
    }

    @Test("Without calls there are no pings unless they are asked for; a server that complained gets fewer")
    func fewerPings() throws {
        var machine = try keepalive()
        expect(.wait(until: at(200)), &machine, at(100), hasCalls: false)
        machine = try keepalive(true)
        expect(.ping(thenWaitUntil: at(130)), &machine, at(100), hasCalls: false)
        machine = try keepalive(factor: 4)
        expect(.wait(until: at(400)), &machine, at(399), hasCalls: true)
        expect(.ping(thenWaitUntil: at(430)), &machine, at(400), hasCalls: true)
    }
}
