import Holdfast
import HoldfastPolicyFiles
import HoldfastRPC

/// The policies of a variant, of each client its own, and those that take their place while it runs.
final class PoliciesUnderTest: Sendable {
    /// One for each client; nil for clients without policies.
    private let registries: [PolicyRegistry?]
    /// What the variant is given while it runs, by path.
    private let documents: [String: PolicyDocument]
    /// What was in force for the first client, in order; never empty.
    private let tables: Locked<[RouteTable]>

    /// - Throws: `DocumentError` with what is wrong with one of the files, those that come later included.
    init(_ scenario: Scenario, _ variant: Variant, _ environment: RunEnvironment, _ timeSource: TimeSource) throws {
        func read(_ path: String) throws -> PolicyDocument {
            try PolicyDocument(path: path, environment: .process.setting(scenario.parameters))
        }
        let random = KeyedRandom(seed: scenario.seed).keyed("policies")
        let options = (0..<scenario.clients).map { client in
            PolicyOptions(
                timeSource: timeSource, random: client == 0 ? random.sequence : random.keyed(client).sequence,
                methods: environment.policyMethods, disabled: variant.disable)
        }
        let first = try variant.policies.map(read)
        registries = try options.map { options in try first.map { try PolicyRegistry($0, options: options) } }
        documents = try Dictionary(uniqueKeysWithValues: Set(variant.reloads.map(\.policies)).map { ($0, try read($0)) })
        for document in documents.values { _ = try document.makeRouteTable(options[0]) }
        tables = Locked([registries[0]?.routes ?? .empty])
    }

    /// The policies of the first client now.
    var routes: RouteTable { tables.withLock { $0[$0.count - 1] } }

    /// The breakers of the first client now.
    var breakers: [String] { routes.all.flatMap(\.policies).filter { $0.kind == .circuitBreaker }.map(\.name) }

    /// What the policies of the first client tell of themselves, those included that are no longer in force.
    var eventSources: [EventSource] {
        var seen: Set<ObjectIdentifier> = []
        return tables.withLock { $0 }.flatMap(\.all).flatMap(\.policies).map(\.eventSource)
            .filter { seen.insert(ObjectIdentifier($0)).inserted }
    }

    /// The most attempts that the policies ever allowed a call.
    var maximumAttempts: Int { tables.withLock { $0 }.map(\.maximumAttempts).max() ?? 1 }

    /// Whether the policies never said that a method may be called twice.
    func isWrite(_ method: String) -> Bool {
        tables.withLock { $0 }.contains { $0.policy(for: "/\(method)")?.isIdempotent != true }
    }

    /// Makes the clients, each of which follows policies of its own.
    /// - Parameter make: is given each client's number.
    func makeClients(_ make: (Int, RPCClient.Configuration) async throws -> RPCClient, _ configuration: RPCClient.Configuration)
        async throws -> [RPCClient]
    {
        var clients: [RPCClient] = []
        for (number, registry) in registries.enumerated() {
            var configuration = configuration
            if let registry { configuration.policies = registry.routes }
            let client = try await make(number, configuration)
            await registry?.attach(client)
            clients.append(client)
        }
        return clients
    }

    /// Puts other policies in force for all clients; what both files have goes on with its state.
    /// - Returns: what tells of itself that did not before.
    func reload(_ reload: PolicyReload) async throws -> [EventSource] {
        guard let document = documents[reload.policies] else { return [] }
        let known = Set(eventSources.map(ObjectIdentifier.init))
        for registry in registries { try await registry?.apply(document) }
        if let first = registries[0] { tables.withLock { $0.append(first.routes) } }
        return eventSources.filter { !known.contains(ObjectIdentifier($0)) }
    }
}

extension RouteTable {
    /// The most attempts that the policies allow a call: each that a retry or a hedge makes may be repeated by those around it.
    fileprivate var maximumAttempts: Int {
        all.map { route in
            route.pipeline.stages.reduce(1) { product, stage in
                switch stage {
                case .retry(let retry): product * retry.configuration.maxAttempts
                case .hedge(let hedge): product * (1 + hedge.configuration.maxExtra)
                case .gate, .timeout, .chaos: product
                }
            }
        }.max() ?? 1
    }
}
