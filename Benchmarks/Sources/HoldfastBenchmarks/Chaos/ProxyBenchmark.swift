import Foundation

/// What the fault proxy costs while it has no fault: bytes a second and the time of a small question and its answer, beside nothing and
/// beside `socat`.
enum ProxyBenchmark {
    private static let rounds = 7
    private static let megabytes = 256
    private static let questions = 3_000

    private struct Case {
        let relay: RelayProcess
        let connection: LoopbackSocket
        var throughput = Rounds()
        var median = Rounds()
        var tail = Rounds()

        init(_ relay: RelayProcess) throws {
            self.relay = relay
            connection = try LoopbackSocket.connected(to: relay.port)
        }

        mutating func measure(_ buffer: UnsafeMutableRawBufferPointer) throws {
            let stopwatch = Stopwatch()
            try ask(for: megabytes << 20, buffer)
            throughput.add(Double(megabytes) / stopwatch.seconds)
            var times: [Double] = []
            for _ in 0..<questions {
                let stopwatch = Stopwatch()
                try ask(for: 64, buffer)
                times.append(Double(stopwatch.nanoseconds) / 1000)
            }
            times.sort()
            median.add(times[times.count / 2])
            tail.add(times[times.count * 99 / 100])
        }

        func ask(for count: Int, _ buffer: UnsafeMutableRawBufferPointer) throws {
            let length = (0..<8).map { UInt8(truncatingIfNeeded: count >> (56 - 8 * $0)) }
            try connection.send(length[...])
            try connection.receive(count, into: buffer)
        }
    }

    static func run(_ options: Options) throws {
        let kinds = Relay.allCases.filter { $0.isAvailable && options.wants("proxy: \($0.name)") }
        guard !kinds.isEmpty else { return }
        let server = try ServerProcess.bytes()
        defer { server.stop() }
        var cases: [Case] = []
        defer { for item in cases { item.relay.stop() } }
        for kind in kinds { cases.append(try Case(RelayProcess(kind, to: server.port))) }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 * 1024, alignment: 16)
        defer { buffer.deallocate() }
        for item in cases { try item.ask(for: 16 << 20, buffer) }
        for _ in 0..<rounds {
            for index in cases.indices { try cases[index].measure(buffer) }
        }
        report(cases)
    }

    private static func report(_ cases: [Case]) {
        let direct = cases.first { $0.relay.kind == .none }?.median.median
        var table = Table(["between", "MB/s", "p50 µs", "p99 µs", "added µs"], leftAligned: 1)
        for item in cases {
            let added = direct.map { item.median.median - $0 } ?? .nan
            table.add([
                item.relay.kind.name, item.throughput.text(), item.median.text(decimals: 1), item.tail.median.text(),
                item.relay.kind == .none ? "" : added.text(1),
            ])
        }
        Console.say(
            """

            Proxy without a fault: one connection that is sent \(megabytes) MB, then asked for 64 bytes \(questions.formatted()) times; client, \
            relay and server in processes of their own. Median (worst-best) of \(rounds) rounds

            """)
        Console.say(table.text)
        if !Relay.socat.isAvailable { Console.say(Relay.advice) }
    }
}
