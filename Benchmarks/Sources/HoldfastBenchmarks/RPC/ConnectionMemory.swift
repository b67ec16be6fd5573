import Foundation
import HoldfastRPC
import SayEcho

/// Resident memory of both ends with many connections, and with many open streams.
enum ConnectionMemory {
    private static let connections = 1000
    private static let streams = 10_000

    static func run(_ options: Options, _ server: ServerProcess) async throws {
        var table = Table(["what", "client bytes each", "server bytes each"], leftAligned: 1)
        if options.wants("memory of connections") {
            try await measure("connection, of \(connections)", of: connections, server, &table) {
                var clients: [RPCClient] = []
                for _ in 0..<connections {
                    let client = try RPCClient(host: "127.0.0.1", port: server.port, security: .plaintext)
                    _ = try await SayClient(client).sayHi(name: "kitty", msg: "hello")
                    clients.append(client)
                }
                return clients
            } close: { clients in
                for client in clients { await client.shutdown() }
            }
        }
        if options.wants("memory of streams") {
            let clients = try (0..<streams / 1000).map { _ in try RPCClient(host: "127.0.0.1", port: server.port, security: .plaintext) }
            for client in clients { _ = try await SayClient(client).sayHi(name: "kitty", msg: "hello") }
            try await measure("open stream, of \(streams), 1,000 on a connection", of: streams, server, &table) {
                let crowd = Crowd()
                for number in 0..<streams { crowd.open(clients[number % clients.count]) }
                await crowd.allOpen(streams)
                return crowd
            } close: { crowd in
                await crowd.end()
            }
            for client in clients { await client.shutdown() }
        }
        guard !table.isEmpty else { return }
        Console.say("\nResident memory, both ends\n")
        Console.say(table.text)
    }

    private static func measure<Held>(
        _ what: String, of count: Int, _ server: ServerProcess, _ table: inout Table, open: () async throws -> Held,
        close: (Held) async -> Void
    ) async throws {
        let own = getpid()
        let before = (try ProcessStatistics.residentBytes(of: own), try server.residentBytes())
        let held = try await open()
        let after = (try ProcessStatistics.residentBytes(of: own), try server.residentBytes())
        await close(held)
        table.add([
            what, ((after.0 - before.0) / Double(count)).text(), ((after.1 - before.1) / Double(count)).text(),
        ])
    }

    /// Streams that have exchanged one message and then wait.
    private final class Crowd: Sendable {
        private let opened: (stream: AsyncStream<Void>, continuation: AsyncStream<Void>.Continuation) = AsyncStream.makeStream()
        private let tasks = AsyncStream<Task<Void, Never>>.makeStream()

        func open(_ client: RPCClient) {
            let task = Task { [opened] in
                _ = try? await client.bidirectional(StreamService.talk) { requests, responses in
                    try await requests.write(Grpconepb_Say())
                    _ = try await responses.next()
                    opened.continuation.yield()
                    _ = try await responses.next()
                }
            }
            tasks.continuation.yield(task)
        }

        func allOpen(_ count: Int) async {
            var rest = count
            for await _ in opened.stream {
                rest -= 1
                if rest == 0 { return }
            }
        }

        func end() async {
            tasks.continuation.finish()
            for await task in tasks.stream { task.cancel() }
        }
    }
}
