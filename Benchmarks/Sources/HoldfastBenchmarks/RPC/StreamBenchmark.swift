import HoldfastRPC
import SayEcho
import SwiftProtobuf

/// Messages per second of server-streaming calls.
enum StreamBenchmark {
    private static let rounds = 5
    private static let messages = 50_000
    private static let shapes = [(1, 32), (64, 32), (1, 4096)]

    static func run(_ options: Options, _ server: ServerProcess) async throws {
        let client = try RPCClient(host: "127.0.0.1", port: server.port, security: .plaintext)
        var table = Table(["streams at once", "bytes", "messages/s", "client CPU µs/message", "server CPU µs/message"], leftAligned: 0)
        for (streams, bytes) in shapes where options.wants("streaming, \(streams) x \(bytes)") {
            var (rate, clientTime, serverTime) = (Rounds(), Rounds(), Rounds())
            for round in 0...rounds {
                let (own, other, stopwatch) = (CPUTime.own, try server.cpuTime(), Stopwatch())
                try await read(client, streams: streams, SayMessage(length: bytes))
                let total = Double(messages / streams * streams)
                // The first round warms up.
                guard round > 0 else { continue }
                rate.add(total / stopwatch.seconds)
                clientTime.add((CPUTime.own - own) / total)
                serverTime.add((try server.cpuTime() - other) / total)
            }
            table.add(["\(streams)", "\(bytes)", rate.text(), clientTime.median.text(2), serverTime.median.text(2)])
        }
        await client.shutdown()
        guard !table.isEmpty else { return }
        Console.say(
            "\nStreaming: messages from server to client, each written and read by itself; median (worst-best) of \(rounds) rounds\n")
        Console.say(table.text)
    }

    private static func read(_ client: RPCClient, streams: Int, _ message: SayMessage) async throws {
        let count = messages / streams
        let request = Grpconepb_Say.with {
            $0.name = "\(count)"
            $0.msg = message.msg
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<streams {
                group.addTask {
                    let received = try await client.serverStreaming(StreamService.count, request) { responses in
                        var received = 0
                        for try await _ in responses { received += 1 }
                        return received
                    }
                    guard received == count else { throw BenchmarkError("\(received) messages came of \(count)") }
                }
            }
            try await group.waitForAll()
        }
    }
}
