/// A client in this process: each of some tasks makes the next call when the one before has been answered.
struct ClosedLoop: RPCLoad {
    /// Makes one call; throws unless the answer is right.
    let call: @Sendable () async throws -> Void

    var cpuTime: Double { CPUTime.own }

    func run(concurrent: Int, seconds: Double) async throws -> RPCLoadResult {
        let stopwatch = Stopwatch()
        var latencies = try await withThrowingTaskGroup(of: [UInt32].self) { group in
            for _ in 0..<concurrent { group.addTask { try await callInTurn(seconds) } }
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
    private func callInTurn(_ seconds: Double) async throws -> [UInt32] {
        var latencies: [UInt32] = []
        let limit = Int64(seconds * 1e9)
        let stopwatch = Stopwatch()
        var before = stopwatch.nanoseconds
        while before < limit {
            try await call()
            let after = stopwatch.nanoseconds
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
