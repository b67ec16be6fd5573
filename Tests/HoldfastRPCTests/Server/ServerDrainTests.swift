import Foundation
import Holdfast
import HoldfastRPC
import Testing

@Suite("A server that shuts down")
struct ServerDrainTests {
    /// Waits until the server's port refuses.
    private func gone(_ server: RPCServer) async {
        while (try? await calling(server, { try await $0.unary(FourKinds.unary, "x") })) != nil {}
    }

    @Test("Calls under way finish within the grace, of all kinds")
    func finishing() async throws {
        let held = HeldService()
        let server = try await RPCServer.start(host: "127.0.0.1", port: 0, security: .plaintext, services: [held, FourKindsService()])
        try await calling(server) { client in
            try await withThrowingTaskGroup(of: String.self) { group in
                for number in 0..<20 {
                    group.addTask { try await client.unary(HeldService.unary, Fourkinds_Text("\(number)")).message.text }
                }
                group.addTask {
                    try await client.bidirectional(HeldService.bidirectional) { requests, responses in
                        try await requests.write("first")
                        requests.finish()
                        return try await responses.reduce(into: "") { $0 += $1.text }
                    }
                }
                try await held.arrived(21)
                async let stopped: Void = server.shutdown(grace: .seconds(3_600))
                await gone(server)
                held.release()
                let answers = try await group.reduce(into: Set<String>()) { $0.insert($1) }
                #expect(answers == Set((0..<20).map(String.init) + ["firstlast"]))
                await stopped
                #expect(held.completed == 21 && held.cancelled == 0)
            }
        }
    }

    @Test("Every call that a handler has served is answered, while clients go on calling")
    func noCallIsLost() async throws {
        let held = HeldService()
        held.release()
        let server = try await RPCServer.start(host: "127.0.0.1", port: 0, security: .plaintext, services: [held])
        let answered = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    try await calling(server) { client in
                        var count = 0
                        while (try? await client.unary(HeldService.unary, "x")) != nil { count += 1 }
                        return count
                    }
                }
            }
            try await held.arrived(500)
            await server.shutdown(grace: .seconds(3_600))
            return try await group.reduce(0, +)
        }
        #expect(answered == held.completed)
    }

    @Test(
        "grpcio loses no call either", .enabled(if: ForeignPeer.isRequired, "set HOLDFAST_PYTHON to a Python with grpcio"))
    func foreignClient() async throws {
        let held = HeldService()
        held.release()
        let server = try await RPCServer.start(host: "127.0.0.1", port: 0, security: .plaintext, services: [held])
        let peer = try ForeignPeer("drain_client.py", [String(server.port)])
        try await held.arrived(200)
        await server.shutdown(grace: .seconds(3_600))
        let answered = try #require(Int(try await peer.line() ?? ""))
        let exitCode = try await peer.finish()
        #expect(exitCode == 0)
        #expect(answered == held.completed)
    }

    @Test("When the grace ends, calls end with UNAVAILABLE; a handler that heeds no cancellation is not waited for")
    func graceEnds() async throws {
        let held = HeldService()
        let server = try await RPCServer.start(host: "127.0.0.1", port: 0, security: .plaintext, services: [held])
        try await calling(server) { client in
            let call = Task { try await client.unary(HeldService.unary, "x") }
            try await held.arrived(1)
            await server.shutdown(grace: .milliseconds(20))
            #expect(held.completed == 0)
            let error = await #expect(throws: RPCError.self) { try await call.value }
            #expect(error?.code == .unavailable && error?.message == "the server is shutting down")
        }
        held.release()
    }

    @Test("Cancelling the task that shuts the server down ends the grace")
    func cancelled() async throws {
        let held = HeldService()
        let server = try await RPCServer.start(host: "127.0.0.1", port: 0, security: .plaintext, services: [held])
        try await calling(server) { client in
            let call = Task { try await client.unary(HeldService.unary, "x") }
            try await held.arrived(1)
            let stopping = Task { await server.shutdown(grace: .seconds(3_600)) }
            stopping.cancel()
            await stopping.value
            let error = await #expect(throws: RPCError.self) { try await call.value }
            #expect(error?.code == .unavailable)
        }
        held.release()
    }

    @Test("A connection that says nothing does not outlast the grace")
    func silentConnection() async throws {
        let server = try await RPCServer.start(host: "127.0.0.1", port: 0, security: .plaintext, services: [FourKindsService()])
        let client = try await blocking { try RawClient(port: server.port, []) }
        // The server has taken that connection once it has served a later one.
        try await calling(server) { _ = try await $0.unary(FourKinds.unary, "x") }
        await server.shutdown(grace: .milliseconds(50))
        _ = try await blocking { client.rest() }
    }

    /// Answers with a text that fills the buffers of a socket.
    private struct LongAnswer: RPCService {
        static let length = 1_000_000
        static let method = RPCMethod<Fourkinds_Text, Fourkinds_Text>(service: "fourkinds.FourKinds", name: "Unary", kind: .unary)

        func register(on router: inout RPCRouter) {
            router.unary(Self.method) { _, _ in Fourkinds_Text(String(repeating: "a", count: Self.length)) }
        }
    }

    @Test("A client that still reads its answer, and says so as HTTP/2 wants it, gets all of it")
    func lastAnswer() async throws {
        let server = try await RPCServer.start(host: "127.0.0.1", port: 0, security: .plaintext, services: [LongAnswer()])
        let client = try await blocking {
            let frames =
                RawFrames.preface + RawFrames.settings([(4, 10_000_000)]) + RawFrames.windowUpdate(10_000_000)
                + RawClient.request + RawFrames.data([0, 0, 0, 0, 0], ends: true)
            return try RawClient(port: server.port, frames)
        }
        let beginning = try await blocking { client.socket.receive() }
        async let stopped: Void = server.shutdown(grace: .seconds(3_600))
        let received = try await blocking {
            var received = beginning
            var hasNotice = false
            while true {
                let bytes = client.socket.receive()
                guard !bytes.isEmpty else { return received }
                received += bytes
                client.socket.send(RawFrames.windowUpdate(UInt32(bytes.count)))
                if !hasNotice, !RawClient.goAways(in: received).isEmpty {
                    hasNotice = true
                    // The answer to the ping that the notice comes with.
                    client.socket.send(RawFrames.frame(type: 6, flags: 1, stream: 0, payload: Array(repeating: 0, count: 8)))
                }
            }
        }
        client.socket.stop()
        await stopped
        #expect(received.count { $0 == UInt8(ascii: "a") } >= LongAnswer.length)
        #expect(RawClient.goAways(in: received).last?.code == 0)
    }
}
