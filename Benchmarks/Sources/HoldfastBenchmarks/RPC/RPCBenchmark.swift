import HoldfastRPC

/// Unary calls per second, client and server in two processes on loopback.
///
/// The clients take turns, round by round, so that what disturbs the machine for a while disturbs them all.
enum RPCBenchmark {
    private static let rounds = 3
    private static let roundSeconds = 1.5
    private static let concurrency = [1, 64]

    static func run() async throws {
        let server = try ServerProcess()
        defer { server.stop() }
        let bare = RPCClient(host: "127.0.0.1", port: server.port)
        var configuration = RPCClient.Configuration()
        configuration.policies = try SayPolicies.table()
        let guarded = RPCClient(host: "127.0.0.1", port: server.port, configuration: configuration)

        var rows: [RPCRow] = []
        for concurrent in concurrency {
            rows.append(RPCRow(ClosedLoop("Holdfast", bare), concurrent: concurrent, atLeast: concurrent == 64 ? 60_000 : nil))
            rows.append(RPCRow(ClosedLoop("Holdfast, policies of say.json", guarded), concurrent: concurrent))
            if H2Load.isInstalled { rows.append(RPCRow(H2Load(port: server.port), concurrent: concurrent)) }
        }
        for row in rows { _ = try await row.client.run(concurrent: row.concurrent, seconds: roundSeconds / 3) }
        for _ in 0..<rounds {
            for index in rows.indices { try await rows[index].measure(server, seconds: roundSeconds) }
        }
        await bare.shutdown()
        await guarded.shutdown()
        report(rows)
    }

    private static func report(_ rows: [RPCRow]) {
        var table = Table(RPCRow.columns, leftAligned: 1)
        for row in rows { table.add(row.cells) }
        Console.say(
            """

            RPC: unary calls of \(SayMessage.length) bytes over one connection; client and server in two processes on this machine; \
            the server is always Holdfast's. Calls per second: median (worst-best) of \(rounds) rounds; the rest: median

            """)
        Console.say(table.text)
        if !H2Load.isInstalled { Console.say(H2Load.advice) }
    }
}
