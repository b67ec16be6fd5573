import Holdfast
import HoldfastRPC
import SayEcho

/// Unary calls per second, client and server in two processes on loopback.
///
/// The cases take turns, round by round, so that what disturbs the machine for a while disturbs them all.
enum RPCBenchmark {
    private static let rounds = 5
    private static let roundSeconds = 0.8
    private static let shapes = [(1, 32), (64, 32), (512, 32), (64, 4096)]

    static func run(_ options: Options) async throws {
        let server = try ServerProcess(.holdfast)
        defer { server.stop() }
        let file = ServerKind.nghttpd.isAvailable && H2Load.isInstalled ? try ServerProcess(.nghttpd) : nil
        defer { file?.stop() }
        let peer = ServerKind.grpcSwift.isAvailable ? try ServerProcess(.grpcSwift) : nil
        defer { peer?.stop() }

        let bare = try RPCClient(host: "127.0.0.1", port: server.port, security: .plaintext)
        var configuration = RPCClient.Configuration()
        configuration.policies = try SayPolicies.table()
        let guarded = try RPCClient(host: "127.0.0.1", port: server.port, security: .plaintext, configuration: configuration)

        try await GRPCSwift.withClient(port: server.port) { callPeer in
            var cases: [RPCCase] = []
            for (concurrent, bytes) in shapes {
                let message = SayMessage(length: bytes)
                func add(_ client: String, _ server: ServerProcess, _ load: any RPCLoad) {
                    cases.append(RPCCase(client, server, concurrent: concurrent, bytes: bytes, load))
                }
                add("Holdfast", server, loop(bare, message))
                add("Holdfast, a deadline each", server, loop(bare, message, timeout: .milliseconds(800)))
                add("Holdfast, policies of say.json", server, loop(guarded, message))
                if GRPCSwift.isBuilt { add("grpc-swift-2", server, ClosedLoop { try await callPeer(message) }) }
                guard H2Load.isInstalled else { continue }
                add("h2load (C)", server, H2Load(port: server.port, message: message))
                if let peer { add("h2load (C)", peer, H2Load(port: peer.port, message: message)) }
                if let file, bytes == 32 { add("h2load (C)", file, H2Load(port: file.port, message: nil)) }
            }
            cases.removeAll { !options.wants($0.name) }
            for item in cases { _ = try await item.load.run(concurrent: item.concurrent, seconds: roundSeconds / 3) }
            for _ in 0..<rounds {
                for index in cases.indices { try await cases[index].measure(seconds: roundSeconds) }
            }
            for index in cases.indices { try await cases[index].countAllocations(seconds: roundSeconds / 3) }
            report(cases)
        }
        try await StreamBenchmark.run(options, server)
        try await ConnectionMemory.run(options, server)
        await bare.shutdown()
        await guarded.shutdown()
    }

    private static func loop(_ client: RPCClient, _ message: SayMessage, timeout: Duration? = nil) -> ClosedLoop {
        let say = SayClient(client)
        return ClosedLoop {
            let options = timeout.map { CallOptions(timeout: $0) } ?? CallOptions()
            let answer = try await say.sayHi(name: message.name, msg: message.msg, options: options)
            guard answer == message.answer else { throw BenchmarkError("the service answered \(answer)") }
        }
    }

    private static func report(_ cases: [RPCCase]) {
        guard !cases.isEmpty else { return }
        var table = Table(RPCCase.columns, leftAligned: 2)
        for item in cases { table.add(item.cells) }
        Console.say(
            """

            RPC: unary calls over one connection; client and server in two processes on this machine. Calls per second: median \
            (worst-best) of \(rounds) rounds; the rest: median

            """)
        Console.say(table.text)
        if !H2Load.isInstalled { Console.say(H2Load.advice) }
        if !GRPCSwift.isBuilt { Console.say("Built without grpc-swift-2; `--traits Peers` adds it.") }
        Console.say("\nBeside the marks\n")
        Console.say(RPCMarks.table(cases).text)
    }
}
