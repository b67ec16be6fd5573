/// What makes calls.
protocol RPCLoad: Sendable {
    /// Microseconds of processor time that it has used so far.
    var cpuTime: Double { get }

    /// Makes calls for about so long.
    /// - Throws: when one call fails; a load whose calls fail measures nothing.
    func run(concurrent: Int, seconds: Double) async throws -> RPCLoadResult
}

/// What some calls took.
struct RPCLoadResult {
    let calls: Int
    let callsPerSecond: Double
    /// From a call to its answer, in microseconds; nil when the load does not tell.
    let latency: (p50: Double, p99: Double)?
}
