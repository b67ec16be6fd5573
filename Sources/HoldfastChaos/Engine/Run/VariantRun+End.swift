import Holdfast
import HoldfastRPC

/// What is looked at when the load is over.
extension VariantRun {
    /// Calls every replica, without policies: only an answer proves that it is whole again.
    func probe() async {
        for service in scenario.services {
            let running = services[service.name]!
            for (index, replica) in running.replicas.enumerated() {
                // What is done to code is done in this process, and gone as soon as it is taken back.
                guard service.kind != .code else {
                    await driver.noteProbe(of: replica)
                    continue
                }
                guard let client = try? await running.makeClient(ofReplica: index) else { continue }
                if await answers(service, client) { await driver.noteProbe(of: replica) }
                await client.shutdown()
            }
        }
    }

    /// Whether a service answers a call of its load, rightly; one without a load, whether it says that it is well.
    private func answers(_ service: ServiceSpec, _ client: RPCClient) async -> Bool {
        let load = scenario.load.first { $0.service == service.name }
        // In virtual time waiting costs nothing, and a service may have work left for callers who have long gone.
        let limit = engine.isReal ? max(.seconds(3), load?.deadline ?? .zero) : .seconds(7 * 86_400)
        let options = CallOptions(deadline: engine.timeSource.now() + limit)
        guard let load, let method = environment.methods.first(where: { $0.name == load.method }) else {
            // Somebody's own command need not say how it is: it takes connections, or it would not have come up.
            if service.command != nil { return true }
            return (try? await client.unary(path: "/\(ServiceKind.healthCheck)", [], options: options)) != nil
        }
        let target = MethodTarget(load, method, clients: [client], seed: scenario.seed)
        return (try? await target.call(0, options))?.hasWrongData == false
    }

    /// What is still there that was not there before.
    func leaks(_ descriptorsBefore: Set<String>) async -> [String] {
        var leaks: [String] = []
        for service in services.values.sorted(by: { $0.name < $1.name }) {
            for replica in service.replicas { leaks += await replica.leftovers() }
        }
        guard engine.isReal else { return leaks + engine.leftovers() }
        // Closing is asynchronous; a leak stays, however long one waits.
        let deadline = TimeSource.system.now() + .seconds(2)
        while case let left = OpenDescriptors.names.subtracting(descriptorsBefore), !left.isEmpty {
            guard TimeSource.system.now() < deadline else {
                leaks.append("still open: \(left.sorted().joined(separator: ", "))")
                break
            }
            await Pause.uncancellable(.milliseconds(20))
        }
        return leaks
    }
}
