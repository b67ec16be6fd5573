import HoldfastRPC
import SayEcho

/// Our client in this process: each of some tasks makes the next call when the one before has been answered.
struct ClosedLoop: RPCLoad {
    let name: String
    private let client: SayClient

    init(_ name: String, _ client: RPCClient) {
        self.name = name
        self.client = SayClient(client)
    }

    var cpuTime: Double { CPUTime.own }

    func run(concurrent: Int, seconds: Double) async throws -> RPCLoadResult {
        let stopwatch = Stopwatch()
        var latencies = try await withThrowingTaskGroup(of: [UInt32].self) { group in
            for _ in 0..<concurrent { group.addTask { [client] in try await Self.callInTurn(client, seconds) } }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        let elapsed = stopwatch.seconds
        latencies.sort()
        return RPCLoadResult(
            calls: latencies.count, callsPerSecond: Double(latencies.count) / elapsed,
            latency: (Self.percentile(0.5, of: latencies), Self.percentile(0.99, of: latencies)))
    }

    /// Calls until the time is over.
    /// - Returns: what each call took, in nanoseconds.
    private static func callInTurn(_ client: SayClient, _ seconds: Double) async throws -> [UInt32] {
        var latencies: [UInt32] = []
        let limit = Int64(seconds * 1e9)
        let stopwatch = Stopwatch()
        var before = stopwatch.nanoseconds
        while before < limit {
            let answer = try await client.sayHi(name: SayMessage.name, msg: SayMessage.msg)
            let after = stopwatch.nanoseconds
            guard answer == SayMessage.answer else { throw BenchmarkError("the service answered \(answer)") }
            latencies.append(UInt32(clamping: after - before))
            before = after
        }
        return latencies
    }

    private static func percentile(_ share: Double, of sorted: [UInt32]) -> Double {
        guard !sorted.isEmpty else { return .nan }
        return Double(sorted[min(Int(share * Double(sorted.count)), sorted.count - 1)]) / 1000
    }
}
