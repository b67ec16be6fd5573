import HoldfastRPC

/// A service of the run: its replicas, and the way of clients to them.
struct RunningService: Sendable {
    /// Makes a client of the replicas at these positions, which balances among them.
    typealias Connect = @Sendable (_ replicas: Range<Int>, _ client: Int, RPCClient.Configuration) async throws -> RPCClient

    /// Its name in the scenario.
    let name: String
    /// By their numbers, from 0; never empty.
    let replicas: [any Replica]
    private let connect: Connect

    init(name: String, _ replicas: [any Replica], connect: @escaping Connect) {
        self.name = name
        self.replicas = replicas
        self.connect = connect
    }

    /// A client of all replicas; a replica serves while it is up, and again when it is up again.
    /// - Parameter number: which of the run's clients it is, from 0.
    func makeClient(_ number: Int, _ configuration: RPCClient.Configuration) async throws -> RPCClient {
        try await connect(replicas.indices, number, configuration)
    }

    /// A client of one replica.
    func makeClient(ofReplica index: Int) async throws -> RPCClient {
        try await connect(index..<index + 1, 0, RPCClient.Configuration())
    }

    /// Brings all replicas up, one after the other.
    func start() async throws {
        for replica in replicas { try await replica.start() }
    }

    /// Ends all of them for good.
    func stop() async {
        for replica in replicas { await replica.stop() }
    }
}
