/// One client at one number of concurrent calls, round by round.
struct RPCRow {
    static let columns = [
        "client", "concurrent", "calls/s", "p50 µs", "p99 µs", "client CPU µs/call", "server CPU µs/call", "mark",
    ]

    let client: any RPCLoad
    let concurrent: Int
    /// The mark: so many calls per second.
    var atLeast: Double?
    private var callsPerSecond = Rounds()
    private var p50 = Rounds()
    private var p99 = Rounds()
    private var clientTime = Rounds()
    private var serverTime = Rounds()

    init(_ client: any RPCLoad, concurrent: Int, atLeast: Double? = nil) {
        self.client = client
        self.concurrent = concurrent
        self.atLeast = atLeast
    }

    /// Makes calls for about so long, and keeps what they took.
    mutating func measure(_ server: ServerProcess, seconds: Double) async throws {
        let (ownBefore, serverBefore) = (client.cpuTime, try server.cpuTime())
        let result = try await client.run(concurrent: concurrent, seconds: seconds)
        let calls = Double(result.calls)
        clientTime.add((client.cpuTime - ownBefore) / calls)
        serverTime.add((try server.cpuTime() - serverBefore) / calls)
        callsPerSecond.add(result.callsPerSecond)
        if let latency = result.latency {
            p50.add(latency.p50)
            p99.add(latency.p99)
        }
    }

    var cells: [String] {
        var mark = ""
        if let atLeast { mark = "at least \(atLeast.text()): \(callsPerSecond.median >= atLeast ? "met" : "MISSED")" }
        return [
            client.name, "\(concurrent)", callsPerSecond.text(), p50.median.text(), p99.median.text(),
            clientTime.median.text(1), serverTime.median.text(1), mark,
        ]
    }
}
