import Holdfast
import Testing

@testable import HoldfastRPC

/// Calls of all kinds over clients and a server that are disturbed all the while: cancelled, out of time, left early, reset by the
/// server, their connections cut, their server started anew.
final class Soak: Sendable {
    /// How a call is brought to its end.
    enum Fate: Int {
        case answer
        case cancel
        case deadline
        case leave
    }

    private let calls: Int
    private let random: Locked<RandomSource>
    private let relay: Relay
    private let server: Locked<RPCServer>
    private let service = FourKindsService()
    private let clients: [RPCClient]
    private let interceptors: [ServerInterceptor]
    /// How often each call's task has ended. That the call itself ends no second time is asserted where it ends.
    private let outcomes: Locked<[UInt8]>
    private let next = Counter()
    let answered = Counter()
    let started = Counter()
    let ended = Counter()

    init(calls: Int, seed: UInt64) async throws {
        self.calls = calls
        random = Locked(RandomSource(seed: seed))
        outcomes = Locked(Array(repeating: 0, count: calls))
        let (started, ended) = (started, ended)
        interceptors = [
            { _, next in
                started.add()
                defer { ended.add() }
                try await next()
            }
        ]
        let first = try await RPCServer.start(
            host: "127.0.0.1", port: 0, security: .plaintext, services: [service], interceptors: interceptors)
        server = Locked(first)
        let relay = try Relay(server: first.port, resetsEvery: 25)
        self.relay = relay
        clients = try (0..<4).map { _ in
            var configuration = RPCClient.Configuration()
            configuration.backoff.base = .milliseconds(1)
            configuration.backoff.maximum = .milliseconds(2)
            return try RPCClient(host: "127.0.0.1", port: relay.port, security: .plaintext, configuration: configuration)
        }
    }

    /// Makes all calls, some at once, and takes everything down. That it returns says that no stream and no handler is left:
    /// a server drains until it has none.
    func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<24 {
                group.addTask { [self] in
                    while true {
                        let number = next.add() - 1
                        guard number < calls else { return }
                        if number % 97 == 96 { try await disturb() }
                        await call(number)
                    }
                }
            }
            try await group.waitForAll()
        }
        for client in clients { await client.shutdown() }
        await server.withLock { $0 }.shutdown(grace: .seconds(3_600))
        await relay.stop()
    }

    /// How many streams were reset in the server's name.
    var resets: Int { relay.resets.count }

    /// The calls that have not ended exactly once.
    var miscounted: [Int] {
        outcomes.withLock { outcomes in outcomes.indices.filter { outcomes[$0] != 1 } }
    }

    private func draw(_ range: Int) -> Int {
        random.withLock { Int($0.next() % UInt64(range)) }
    }

    private func disturb() async throws {
        guard draw(3) == 0 else { return relay.cut() }
        let fresh = try await RPCServer.start(
            host: "127.0.0.1", port: 0, security: .plaintext, services: [service], interceptors: interceptors)
        let old = server.withLock { server in
            defer { server = fresh }
            return server
        }
        relay.turn(to: fresh.port)
        await old.shutdown(grace: draw(2) == 0 ? .zero : .milliseconds(20))
    }

    private func call(_ number: Int) async {
        let fate = Fate(rawValue: draw(8)) ?? .answer
        let (kind, client) = (draw(4), clients[draw(clients.count)])
        let (size, patience) = (draw(60) == 0 ? draw(200_000) : draw(200), draw(200))
        var options = CallOptions()
        if fate == .deadline { options.deadline = TimeSource.system.now().advanced(by: .microseconds(draw(5_000))) }
        let task = Task { [options] in
            try await make(kind, client, Fourkinds_Text(String(repeating: "x", count: size)), options, leaves: fate == .leave)
        }
        if fate == .cancel {
            for _ in 0..<patience { await Task.yield() }
            task.cancel()
        }
        let end = await task.result
        outcomes.withLock { $0[number] += 1 }
        switch end {
        case .success(true): answered.add()
        case .success(false): Issue.record("call \(number), \(fate), kind \(kind): a wrong answer")
        case .failure(is CancellationError) where fate == .cancel: break
        case .failure(let error as RPCError):
            let isExpected =
                switch error.code {
                case .unavailable, .cancelled: true
                case .deadlineExceeded: fate == .deadline
                default: false
                }
            if !isExpected { Issue.record("call \(number), \(fate), kind \(kind): \(error)") }
        case .failure(let error): Issue.record("call \(number), \(fate), kind \(kind): \(error)")
        }
    }

    /// Whether the answer was right.
    private func make(
        _ kind: Int, _ client: RPCClient, _ text: Fourkinds_Text, _ options: CallOptions, leaves: Bool
    ) async throws -> Bool {
        switch kind {
        case 0:
            return try await client.unary(FourKinds.unary, text, options: options).message.text == text.text.uppercased()
        case 1:
            return try await client.serverStreaming(FourKinds.serverStreaming, leaves ? "a flood" : "a b c", options: options) {
                responses in
                var texts: [String] = []
                while texts.count < (leaves ? 2 : .max), let response = try await responses.next() { texts.append(response.text) }
                return texts == (leaves ? ["a", "flood"] : ["a", "b", "c"])
            }
        case 2:
            let response = try await client.clientStreaming(FourKinds.clientStreaming, options: options) { requests in
                try await requests.write(text)
                try await requests.write(leaves ? "enough" : "b")
            }
            return response.message.text == text.text + (leaves ? " enough" : " b")
        default:
            return try await client.bidirectional(FourKinds.bidirectional, options: options) { requests, responses in
                for _ in 0..<3 {
                    try await requests.write(text)
                    guard try await responses.next()?.text == text.text.uppercased() else { return false }
                    if leaves { return true }
                }
                requests.finish()
                return try await responses.next() == nil
            }
        }
    }
}
