import Holdfast
import HoldfastAdmin

/// A replica whose clients reach it through a proxy, which acts out the faults of the network.
actor ProxiedService: LoopbackReplica {
    nonisolated let name: String
    private let service: any LoopbackReplica
    private let seed: UInt64
    private let report: @Sendable (ProxyDecision) -> Void
    private var proxy: FaultProxy?
    /// Hits of a proxy that has been stopped.
    private var earlierHits: [String: Int] = [:]

    /// - Parameter report: is told every decision of the proxy.
    init(_ service: any LoopbackReplica, seed: UInt64, report: @escaping @Sendable (ProxyDecision) -> Void) {
        name = service.name
        self.service = service
        self.seed = seed
        self.report = report
    }

    func start() async throws {
        try await service.start()
        guard proxy == nil else { return }
        // The service comes back on the same port, so the proxy stays what it is.
        let upstream = try TCPAddress(loopback: await service.port)
        proxy = try await FaultProxy.start(listen: TCPAddress(loopback: 0), upstream: upstream, seed: seed, report: report)
    }

    var isRunning: Bool {
        get async { await service.isRunning }
    }

    var port: Int { proxy?.address.port ?? 0 }

    func install(_ plan: FaultPlan) async -> Bool {
        do {
            try await proxy?.install(plan.part(forProxy: true))
        } catch {
            return false
        }
        return await service.install(plan.part(forProxy: false))
    }

    func hits() async -> [String: Int] {
        let hits = await proxy?.hits() ?? earlierHits
        return hits.merging(await service.hits(), uniquingKeysWith: +)
    }

    func observe() async -> Observation? { await service.observe() }

    func kill(_ signal: FaultKind.KillSignal) async {
        await service.kill(signal)
    }

    func freeze() async -> Bool { await service.freeze() }

    func thaw() async { await service.thaw() }

    func limitProcessors(to cores: Double?) async throws -> Int { try await service.limitProcessors(to: cores) }

    func stop() async {
        if let proxy {
            earlierHits = await proxy.hits()
            await proxy.shutdown(grace: .zero)
        }
        proxy = nil
        await service.stop()
    }

    func leftovers() async -> [String] {
        await service.leftovers()
    }
}
