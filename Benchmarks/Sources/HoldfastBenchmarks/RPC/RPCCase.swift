/// One client against one server, at one number of concurrent calls and one size of message.
struct RPCCase {
    static let columns = [
        "client", "server", "concurrent", "bytes", "calls/s", "p50 µs", "p99 µs", "client CPU µs/call", "server CPU µs/call",
        "client bytes/call (blocks)", "server bytes/call (blocks)",
    ]

    let client: String
    let server: ServerProcess
    let concurrent: Int
    let bytes: Int
    let load: any RPCLoad
    private(set) var callsPerSecond = Rounds()
    private(set) var p50 = Rounds()
    private var p99 = Rounds()
    private var clientTime = Rounds()
    private var serverTime = Rounds()
    private var clientAllocations: Allocations.Counts?
    private var serverAllocations: Allocations.Counts?

    init(_ client: String, _ server: ServerProcess, concurrent: Int, bytes: Int, _ load: any RPCLoad) {
        self.client = client
        self.server = server
        self.concurrent = concurrent
        self.bytes = bytes
        self.load = load
    }

    /// What `--only` is held against.
    var name: String { "\(client) > \(server.kind.name), \(concurrent) x \(bytes)" }

    /// Makes calls for about so long, and keeps what they took.
    mutating func measure(seconds: Double) async throws {
        let (ownBefore, serverBefore) = (load.cpuTime, try server.cpuTime())
        let result = try await load.run(concurrent: concurrent, seconds: seconds)
        let calls = Double(result.calls)
        clientTime.add((load.cpuTime - ownBefore) / calls)
        serverTime.add((try server.cpuTime() - serverBefore) / calls)
        callsPerSecond.add(result.callsPerSecond)
        if let latency = result.latency {
            p50.add(latency.p50)
            p99.add(latency.p99)
        }
    }

    /// Makes calls for about so long, and keeps what both sides asked of the allocator; not while time is measured, since to count takes
    /// some.
    mutating func countAllocations(seconds: Double) async throws {
        var calls = 0
        var own: Allocations.Counts?
        let others = try await server.allocations {
            own = try await Allocations.count { calls = try await load.run(concurrent: concurrent, seconds: seconds).calls }
        }
        // A load in another process allocates there.
        clientAllocations = load is ClosedLoop ? own?.each(of: calls) : nil
        serverAllocations = others?.each(of: calls)
    }

    private static func text(_ counts: Allocations.Counts?) -> String {
        counts.map { "\($0.allocated.text()) (\($0.calls.text(1)))" } ?? ""
    }

    var cells: [String] {
        [
            client, server.kind.name, "\(concurrent)", "\(bytes)", callsPerSecond.text(), p50.median.text(), p99.median.text(),
            clientTime.median.text(1), serverTime.median.text(1), Self.text(clientAllocations), Self.text(serverAllocations),
        ]
    }
}
