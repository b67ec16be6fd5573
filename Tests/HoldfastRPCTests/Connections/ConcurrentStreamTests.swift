import Holdfast
import Testing

@testable import HoldfastRPC

@Suite("Servers that take few calls at once")
struct ConcurrentStreamTests {
    private static let maxConcurrentStreams: UInt8 = 3

    /// A peer that takes one call at a time on each connection, and holds those that say so until `signal`.
    private func peer(_ signal: Signal, began: Signal) throws -> ScriptedPeer {
        try ScriptedPeer(settings: [(Self.maxConcurrentStreams, 1)]) { connection, _ in
            while let request = connection.request() {
                if request.text == "hold" {
                    began.fire()
                    signal.block()
                }
                connection.answer(request)
            }
        }
    }

    private func client(_ peer: ScriptedPeer, connections: Int, waiting: Int = 100) throws -> RPCClient {
        var configuration = RPCClient.Configuration()
        configuration.maximumConnectionsPerEndpoint = connections
        configuration.maximumWaitingCalls = waiting
        return try RPCClient(host: "127.0.0.1", port: peer.port, security: .plaintext, configuration: configuration)
    }

    @Test("Calls wait for their turn on one connection, and each is answered")
    func oneConnection() async throws {
        let (signal, began) = (Signal(), Signal())
        let peer = try peer(signal, began: began)
        try await withClient(client(peer, connections: 1)) { client in
            async let held = client.unary(FourKinds.unary, "hold").message
            try await began.wait()
            async let others = withThrowingTaskGroup(of: String.self) { group in
                for number in 0..<20 {
                    group.addTask { try await client.unary(FourKinds.unary, FourKinds.Text("\(number)")).message.text }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            signal.fire()
            #expect(try await held == "HOLD")
            #expect(try await Set(others) == Set((0..<20).map(String.init)))
            #expect(peer.accepted == 1 && peer.served.count == 21)
        }
    }

    @Test("A second connection is made when calls wait")
    func secondConnection() async throws {
        let (signal, began) = (Signal(), Signal())
        let peer = try peer(signal, began: began)
        try await withClient(client(peer, connections: 2)) { client in
            async let held = client.unary(FourKinds.unary, "hold").message
            try await began.wait()
            #expect(try await client.unary(FourKinds.unary, "x").message == "X")
            #expect(peer.accepted == 2)
            signal.fire()
            #expect(try await held == "HOLD")
        }
    }

    @Test("A call that waits can be cancelled, can expire, and is not sent any more; others beyond the limit are refused")
    func waiting() async throws {
        let (signal, began) = (Signal(), Signal())
        let peer = try peer(signal, began: began)
        try await withClient(client(peer, connections: 1, waiting: 1)) { client in
            async let held = client.unary(FourKinds.unary, "hold").message
            try await began.wait()
            let expired = await #expect(throws: RPCError.self) {
                try await client.unary(FourKinds.unary, "late", options: CallOptions(timeout: .milliseconds(5)))
            }
            #expect(expired?.code == .deadlineExceeded)

            // What is immediate has been handed to the event loop when the next line runs.
            let waiting = Task.immediate { try await client.unary(FourKinds.unary, "cancelled") }
            let refused = await #expect(throws: RPCError.self) { try await client.unary(FourKinds.unary, "many") }
            #expect(refused?.code == .resourceExhausted)
            #expect(refused?.message == "1 calls wait already to be sent to 127.0.0.1:\(peer.port)")
            #expect(refused?.isUnprocessed == true)
            waiting.cancel()
            await #expect(throws: CancellationError.self) { try await waiting.value }

            signal.fire()
            #expect(try await held == "HOLD")
            #expect(try await client.unary(FourKinds.unary, "x").message == "X")
            #expect(peer.served == ["hold", "x"])
        }
    }

    @Test("Calls that end while they wait make room for others, in order")
    func queue() {
        let queue = CallQueue(limit: 100)
        let random = RandomSource(seed: 7)
        var model: [UnaryCall] = []
        for _ in 0..<20_000 {
            switch random.next() % 5 {
            case 0, 1:
                let call = UnaryCall(UnaryRequest(path: "/a/b", message: []))
                let isTaken = queue.append(call)
                if isTaken != (model.count < 100) { Issue.record("the limit does not hold") }
                if isTaken { model.append(call) }
            case 2: if queue.popFirst() !== (model.isEmpty ? nil : model.removeFirst()) { Issue.record("out of order") }
            default:
                guard !model.isEmpty else { continue }
                let call = model.remove(at: Int(random.next() % UInt64(model.count)))
                call.isDone = true
                queue.callEnded()
            }
            if queue.isEmpty != model.isEmpty { Issue.record("miscounted") }
        }
    }
}
