import Foundation
import Holdfast
import HoldfastAdmin

@testable import HoldfastChaos

/// A proxy in front of a port, with what it says of itself.
final class ProxyBench: Sendable {
    let proxy: FaultProxy
    private let said: Said
    private let seed: UInt64

    init(upstream port: Int, seed: UInt64 = 1) async throws {
        self.seed = seed
        let said = Said()
        self.said = said
        proxy = try await FaultProxy.start(
            listen: TCPAddress(loopback: 0), upstream: TCPAddress(loopback: port), seed: seed
        ) { decision in said.decisions.withLock { $0.append(decision) } }
    }

    var port: Int { proxy.address.port }

    private final class Said: Sendable {
        let decisions = Locked<[ProxyDecision]>([])
    }

    /// Every hit so far.
    var decisions: [ProxyDecision] { said.decisions.withLock { $0 } }

    /// Waits until there have been so many hits. On a busy machine that nothing has come through may mean that nothing has come in yet.
    func waitForHits(_ count: Int = 1) async throws {
        while decisions.count < count { try await Task.sleep(for: .milliseconds(5), tolerance: .zero) }
    }

    /// Puts faults into force, in place of all others.
    func install(_ faults: ProxyFault...) async throws { try await install(faults) }

    /// - Parameter age: how old they are already; what has a shape goes by it.
    func install(_ faults: [ProxyFault], age: Duration = .zero) async throws {
        let specs = faults.map { fault in
            FaultSpec(
                id: fault.id, kind: .network(fault.fault, fault.selection), service: "", from: TimeReference(text: "start", offset: .zero),
                duration: .zero, group: fault.group, shape: fault.shape)
        }
        try await proxy.install(FaultPlan(seed: seed, faults: specs, active: Set(specs.map(\.id)), at: age))
    }

    func stop() async { await proxy.shutdown(grace: .zero) }
}

struct ProxyFault: Sendable {
    var id: String
    var fault: NetworkFault
    var selection: Selection?
    var group: String?
    var shape: FaultShape?

    init(
        _ id: String, _ fault: NetworkFault, _ selection: Selection? = nil, group: String? = nil, shape: FaultShape? = nil
    ) {
        self.shape = shape
        self.id = id
        self.fault = fault
        self.selection = selection
        self.group = group
    }
}

/// Runs `body` with a listener of bytes behind a proxy, and ends both.
func withProxy(seed: UInt64 = 1, _ body: (ProxyBench, RawSocket) async throws -> Void) async throws {
    let listener = try RawSocket.listen()
    let bench = try await ProxyBench(upstream: listener.port, seed: seed)
    do {
        try await body(bench, listener)
    } catch {
        await bench.stop()
        throw error
    }
    await bench.stop()
}

/// Bytes that look like nothing, the same for one seed.
func noise(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
    let random = RandomSource(seed: seed)
    return (0..<count).map { _ in UInt8(min(random.uniform() * 256, 255)) }
}
