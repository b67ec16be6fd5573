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

    private func client(
        _ peer: ScriptedPeer, connections: Int, waiting: Int = 100, policies: RouteTable = RouteTable()
    ) throws -> RPCClient {
        var configuration = RPCClient.Configuration()
        configuration.policies = policies
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

    /// How a connection ends.
    enum Ending: CaseIterable {
        case goAway, cut
    }

    @Test("Calls that wait get another connection when one of two ends", arguments: Ending.allCases)
    func replacement(_ ending: Ending) async throws {
        let (signal, began) = (Signal(), Signal())
        let (end, secondBegan) = (Signal(), Signal())
        let peer = try ScriptedPeer(settings: [(Self.maxConcurrentStreams, 1)]) { connection, number in
            while let request = connection.request() {
                switch number {
                case 1:
                    began.fire()
                    signal.block()
                case 2:
                    secondBegan.fire()
                    end.block()
                    if ending == .cut { return }
                    connection.goAway(lastStream: request.stream)
                    signal.block()
                default: break
                }
                connection.answer(request)
            }
        }
        try await withClient(client(peer, connections: 2)) { client in
            async let first = client.unary(FourKinds.unary, "first").message
            try await began.wait()
            let second = Task { try await client.unary(FourKinds.unary, "second").message }
            try await secondBegan.wait()
            // What is immediate has been handed to the event loop when the next line runs.
            let third = Task.immediate { try await client.unary(FourKinds.unary, "third").message }
            end.fire()
            // The others still run.
            #expect(try await third.value == "THIRD")
            #expect(peer.accepted == 3)
            // For each of the two that wait.
            signal.fire()
            signal.fire()
            #expect(try await first == "FIRST")
            let answer = await second.result
            if ending == .goAway { #expect(try answer.get() == "SECOND") }
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

    @Test("S64: a line that is full on this side is no refusal of the server, after which a call is sent again at no cost")
    func fullLine() async throws {
        let (signal, began) = (Signal(), Signal())
        let peer = try peer(signal, began: began)
        let retry = Retry("r", try .init(maxAttempts: 3, backoff: .constant(.milliseconds(1)), budget: nil))
        let policies = RouteTable(
            rest: RoutePolicy(name: "p", pipeline: Pipeline("p", [.retry(retry)]), isIdempotent: false))
        try await withClient(client(peer, connections: 1, waiting: 1, policies: policies)) { client in
            async let held = client.unary(FourKinds.unary, "hold").message
            try await began.wait()
            let waiting = Task.immediate { try await client.unary(FourKinds.unary, "waits") }
            let refused = await #expect(throws: RPCError.self) { try await client.unary(FourKinds.unary, "many") }
            #expect(refused?.code == .resourceExhausted)
            signal.fire()
            _ = try await (held, waiting.value)
        }
        #expect(retry.counters.retried == 0)
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
