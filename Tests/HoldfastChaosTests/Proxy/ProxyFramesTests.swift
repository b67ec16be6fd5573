import Foundation
import Holdfast
import HoldfastRPC
import SayEcho
import Testing

@testable import HoldfastChaos

/// Our own client and server with frames disturbed between them.
@Suite("Faults of HTTP/2", .timeLimit(.minutes(2)))
struct ProxyFramesTests {
    /// What a service saw.
    private final class Seen: Sendable {
        private let state = Locked((calls: 0, running: 0, most: 0))
        let gate = Locked(false)

        var calls: Int { state.withLock { $0.calls } }
        var most: Int { state.withLock { $0.most } }
        func forgetMost() { state.withLock { $0.most = $0.running } }

        var interceptor: ServerInterceptor {
            { [self] _, next in
                state.withLock { state in
                    state.calls += 1
                    state.running += 1
                    state.most = max(state.most, state.running)
                }
                defer { state.withLock { $0.running -= 1 } }
                // Long enough for calls to overlap where they can.
                try await Task.sleep(for: .milliseconds(2), tolerance: .zero)
                try await next()
            }
        }
    }

    private static func withClient(
        _ change: (inout RPCClient.Configuration) throws -> Void = { _ in },
        _ body: (ProxyBench, SayClient, Seen) async throws -> Void
    ) async throws {
        let seen = Seen()
        var limits = RPCServer.Configuration()
        limits.pingEnforcement.minimumInterval = .zero
        limits.pingEnforcement.permitsPingsWithoutCalls = true
        let server = try await RPCServer.start(
            host: "127.0.0.1", port: 0, security: .plaintext, services: [SayService()], interceptors: [seen.interceptor],
            configuration: limits)
        let bench = try await ProxyBench(upstream: server.port)
        var configuration = RPCClient.Configuration()
        configuration.maximumConnectionsPerEndpoint = 1
        configuration.backoff.base = .milliseconds(20)
        configuration.backoff.maximum = .milliseconds(50)
        try change(&configuration)
        let client = try RPCClient(host: "127.0.0.1", port: bench.port, security: .plaintext, configuration: configuration)
        do {
            try await body(bench, SayClient(client), seen)
        } catch {
            await client.shutdown()
            await bench.stop()
            await server.shutdown(grace: .zero)
            throw error
        }
        await client.shutdown()
        await bench.stop()
        await server.shutdown(grace: .zero)
    }

    /// Makes so many calls at once, each of which must be answered with what was asked for.
    private static func callAll(_ client: SayClient, _ count: Int) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<count {
                group.addTask {
                    let answer = try await client.sayHi(name: "user", msg: "\(number)", options: CallOptions(timeout: .seconds(30)))
                    #expect(answer == "[{\"user\":\"\(number)\"}]")
                }
            }
            try await group.waitForAll()
        }
    }

    private static func eventually(_ condition: () async -> Bool) async throws {
        // Bounded by the time limit of the suite.
        while await !condition() { try await Task.sleep(for: .milliseconds(5), tolerance: .zero) }
    }

    /// Runs a call that must not end before the fault, once it hits, is taken back.
    private static func expectHeld(
        _ fault: ProxyFault, _ bench: ProxyBench, _ call: @escaping @Sendable () async throws -> Void
    ) async throws {
        let before = bench.decisions.count
        try await bench.install(fault)
        let hasEnded = Locked(false)
        let task = Task {
            try await call()
            hasEnded.withLock { $0 = true }
        }
        try await eventually { bench.decisions.count > before }
        try await Task.sleep(for: .milliseconds(100), tolerance: .zero)
        #expect(!hasEnded.withLock { $0 })
        try await bench.install()
        try await task.value
    }

    @Test("GOAWAY at every so manieth stream is invisible to callers, and no request is served twice", arguments: [true, false])
    func goaway(refuses: Bool) async throws {
        try await Self.withClient { bench, client, seen in
            try await Self.callAll(client, 5)
            try await bench.install(
                ProxyFault("bye", .goaway(code: 0, refuse: refuses, after: .zero), Selection(per: .stream, share: .every(25))))
            // Fewer at once than come between two: what is sent again is not turned away again, which gRPC does not hide.
            for _ in 0..<25 { try await Self.callAll(client, 8) }
            #expect(seen.calls == 205)
            #expect(await bench.proxy.hits()["bye", default: 0] >= 8)
            #expect(Set(bench.decisions.map(\.connection)).count >= 8)
        }
    }

    @Test("GOAWAY to a whole connection: what is under way ends well, and the next call takes another connection")
    func goawayConnection() async throws {
        try await Self.withClient { bench, client, seen in
            try await Self.callAll(client, 5)
            try await bench.install(
                ProxyFault("bye", .goaway(code: 0, refuse: false, after: .zero), Selection(per: .connection, share: .first(1))))
            try await Self.callAll(client, 20)
            #expect(seen.calls == 25)
            #expect(bench.decisions.map(\.connection) == [1])
        }
    }

    @Test("REFUSED_STREAM is invisible to callers, and no request is served twice")
    func refusedStream() async throws {
        try await Self.withClient { bench, client, seen in
            try await bench.install(
                ProxyFault("refused", .rstStream(code: 7, at: .request), Selection(per: .stream, share: .every(10))))
            // One after the other, so that a stream that is opened again is not the next to be refused.
            for _ in 0..<100 { try await Self.callAll(client, 1) }
            #expect(seen.calls == 100)
            #expect(await bench.proxy.hits() == ["refused": 11])
            #expect(Set(bench.decisions.map(\.connection)) == [1], "the connection stays")
        }
    }

    @Test("A stream that is reset in its response fails its call, and no other")
    func resetResponse() async throws {
        try await Self.withClient { bench, client, seen in
            try await bench.install(
                ProxyFault("cut", .rstStream(code: 2, at: .response), Selection(per: .stream, share: .nth(2))))
            try await Self.callAll(client, 1)
            await #expect(throws: RPCError.self) { try await Self.callAll(client, 1) }
            try await Self.callAll(client, 50)
            #expect(seen.calls == 52)
            #expect(bench.decisions.map(\.connection) == [1])
        }
    }

    @Test("Settings: a client that is told 1 stream has no 2, on existing and new connections, until it is told otherwise")
    func settings() async throws {
        try await Self.withClient { bench, client, seen in
            try await Self.callAll(client, 30)
            #expect(seen.most > 1)
            var one = HTTP2Settings()
            one.maxConcurrentStreams = 1
            try await bench.install(ProxyFault("one", .settings(one)))
            // The first call may be on its way together with the settings.
            try await Self.callAll(client, 1)
            seen.forgetMost()
            try await Self.callAll(client, 30)
            #expect(seen.most == 1)
            try await bench.install()
            try await Self.callAll(client, 30)
            #expect(seen.most > 1)
            #expect(await bench.proxy.hits() == ["one": 1])
        }
    }

    @Test("A message longer than its window stalls without updates of the window, either way", arguments: [true, false])
    func windowStall(connections: Bool) async throws {
        try await Self.withClient { bench, client, _ in
            try await Self.callAll(client, 1)
            let selection = connections ? nil : Selection(per: .stream, share: .every(1))
            for direction in [NetworkFault.Direction.downstream, .upstream] {
                try await Self.expectHeld(ProxyFault("stall", .windowStall(direction), selection), bench) {
                    let message = String(repeating: "x", count: 600_000)
                    _ = try await client.sayHi(name: "user", msg: message, options: CallOptions(timeout: .seconds(60)))
                }
            }
            try await Self.callAll(client, 20)
        }
    }

    @Test("Held trailers hold their call, and what others' trailers come after them; all arrive")
    func holdTrailers() async throws {
        try await Self.withClient { bench, client, seen in
            try await Self.callAll(client, 1)
            try await Self.expectHeld(
                ProxyFault("held", .hold(.trailers, .downstream), Selection(per: .stream, share: .every(7))), bench
            ) { try await Self.callAll(client, 50) }
            try await Self.callAll(client, 20)
            #expect(seen.calls == 71)
        }
    }

    @Test("Answers to pings that are held make a keepalive give the connection up")
    func holdPings() async throws {
        try await Self.withClient {
            $0.keepalive = try Keepalive(interval: .milliseconds(500), timeout: .seconds(1), permitWithoutCalls: true)
        } _: { bench, client, _ in
            try await Self.callAll(client, 1)
            try await bench.install(
                ProxyFault("held", .hold(.pingAcks, .downstream), Selection(per: .connection, share: .first(1))))
            try await Self.eventually { await bench.proxy.connections().allSatisfy { $0.number > 1 } }
            // One that begins while the client gives up may be lost with it.
            try await Self.eventually { (try? await Self.callAll(client, 1)) != nil }
            #expect(await bench.proxy.hits()["held", default: 0] >= 1)
        }
    }

    @Test("A keepalive finds a connection from which nothing comes any more")
    func poisoned() async throws {
        try await Self.withClient {
            $0.keepalive = try Keepalive(interval: .milliseconds(500), timeout: .seconds(1), permitWithoutCalls: true)
        } _: { bench, client, _ in
            try await Self.callAll(client, 5)
            try await bench.install(
                ProxyFault(
                    "hole", .blackhole(.both, after: .zero, closeAfter: nil), Selection(per: .connection, share: .first(1))))
            try await Self.eventually { (try? await client.sayHi(name: "a", msg: "b", options: CallOptions(timeout: .seconds(1)))) != nil }
            #expect(await bench.proxy.hits() == ["hole": 1])
        }
    }

    @Test("A frame whose bits are flipped is noticed or changes the answer, and the next call is well")
    func corrupt() async throws {
        try await Self.withClient { bench, client, _ in
            try await bench.install(
                ProxyFault("flip", .corruptFrames(.data, .downstream), Selection(per: .chunk, share: .first(1))))
            let answer = try? await client.sayHi(name: "user", msg: "hello", options: CallOptions(timeout: .seconds(60)))
            #expect(answer != "[{\"user\":\"hello\"}]")
            #expect(await bench.proxy.hits() == ["flip": 1])
            try await Self.callAll(client, 5)
        }
    }

    @Test("What is no HTTP/2 passes as it is, whoever speaks first")
    func otherProtocols() async throws {
        try await withProxy { bench, listener in
            try await bench.install(
                ProxyFault("a", .corruptFrames(.any, .both)), ProxyFault("b", .goaway(code: 0, refuse: true, after: .zero)))
            let client = try await RawSocket.connect(bench.port)
            let service = try await listener.accept()
            // As MySQL does; the first bytes are those of a frame's length.
            let greeting: [UInt8] = [0, 0, 74, 10, 56]
            try await service.send(greeting)
            #expect(await client.receive(exactly: 5) == greeting)
            try await client.send("PRI * HTTP/2.0 is what this is not")
            #expect(await service.receiveText(34) == "PRI * HTTP/2.0 is what this is not")
            #expect(await bench.proxy.hits() == [:])
        }
    }
}
