import Holdfast
import HoldfastRPC
import HoldfastVirtualTime

/// What a variant runs on: a clock, and services that live by it.
struct Engine: Sendable {
    let timeSource: TimeSource
    let makeService: @Sendable (ServiceSpec) throws -> RunningService
    /// Why it cannot inject a fault, in words; nil if it can.
    let obstacle: @Sendable (FaultKind) -> String?
    /// What is left of the engine itself when a variant is over, a sentence each.
    let leftovers: @Sendable () -> [String]

    /// Whether it runs on the machine's own clock, so that somebody may watch, and descriptors may leak.
    var isReal: Bool { !timeSource.isVirtual }

    /// Processes on loopback, on the system's clock; those whose network is to fail behind a proxy.
    static func processes(
        _ environment: RunEnvironment, _ scenario: Scenario, _ journal: RunJournal, _ watchdog: Watchdog.Leash?
    ) -> Engine {
        let seed = scenario.seed
        return Engine(
            timeSource: .system,
            makeService: { service in
                if service.kind == .code { return code(service, seed: seed, .system, journal) }
                let setup = try ServiceControl.Setup(service.model, seed: seed).argument
                let replicas = (0..<service.replicas).map { index -> any LoopbackReplica in
                    let name = service.name(ofReplica: index)
                    let process: any LoopbackReplica
                    if let command = service.command {
                        process = CommandService(name: name, command, watchdog)
                    } else {
                        let arguments = ["serve", service.kind.rawValue, "--host", "127.0.0.1", "--control", setup]
                        process = ServiceProcess(name: name, executable: environment.executable, arguments: arguments, watchdog: watchdog)
                    }
                    let isProxied = scenario.faults.contains { $0.kind.isOfNetwork && $0.breaks(service.name, replica: index) }
                    return isProxied ? ProxiedService(process, seed: seed) { journal.write($0) } : process
                }
                return RunningService(name: service.name, replicas) { positions, _, configuration in
                    var endpoints: [Endpoint] = []
                    for replica in replicas[positions] { endpoints.append(.tcp(host: "127.0.0.1", port: await replica.port)) }
                    return try RPCClient(endpoints: endpoints, security: .plaintext, configuration: configuration)
                }
            },
            obstacle: { kind in
                guard case .processCPUQuota = kind else { return nil }
                return ProcessorQuota.obstacle
            },
            leftovers: { [] })
    }

    /// Models of the services, on a clock that jumps to what happens next.
    static func models(_ environment: RunEnvironment, seed: UInt64, _ world: VirtualTime, _ journal: RunJournal) -> Engine {
        Engine(
            timeSource: world.timeSource,
            makeService: { service in
                if service.kind == .code { return code(service, seed: seed, world.timeSource, journal) }
                let replicas = (0..<service.replicas).map { index in
                    let name = service.name(ofReplica: index)
                    let behavior = ServiceBehavior(service.model, seed: seed, world.timeSource) { journal.write($0, of: name) }
                    return ModelledService(name: name, behavior, methods: environment.methods, timeSource: world.timeSource)
                }
                return RunningService(name: service.name, replicas) { positions, client, configuration in
                    let random = KeyedRandom(seed: seed).keyed("balancing").keyed(service.name).keyed(client).sequence
                    let endpoints = ModelledEndpoints(Array(replicas[positions]), configuration, world.timeSource, random)
                    return RPCClient(transport: ModelTransport(endpoints, world.timeSource), configuration: configuration)
                }
            },
            obstacle: { _ in nil },
            leftovers: {
                let timers = world.pendingTimers
                return timers > 0 ? ["\(Figure.count(timers, "timer")) still set"] : []
            })
    }

    /// Swift code in this process, of which there is one.
    private static func code(
        _ service: ServiceSpec, seed: UInt64, _ timeSource: TimeSource, _ journal: RunJournal
    ) -> RunningService {
        let behavior = ServiceBehavior(service.model, seed: seed, timeSource) { journal.write($0, of: service.name) }
        let code = CodeService(name: service.name, behavior, timeSource)
        return RunningService(name: service.name, [code]) { _, _, _ in
            throw HarnessError("\(service.name) is code, which no client reaches")
        }
    }
}
