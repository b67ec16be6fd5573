import Foundation
import Holdfast
import HoldfastVirtualTime

/// What a variant runs on: a clock, and services that live by it.
struct Engine: Sendable {
    let timeSource: TimeSource
    let makeService: @Sendable (ServiceSpec) throws -> any RunningService
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
                if service.kind == .code { return CodeService(name: service.name, ServiceBehavior(service.model, seed: seed), .system) }
                if let command = service.command { return CommandService(name: service.name, command, watchdog) }
                let encoder = JSONEncoder()
                encoder.outputFormatting = [.sortedKeys]
                let setup = String(decoding: try encoder.encode(ServiceControl.Setup(service.model, seed: seed)), as: UTF8.self)
                let arguments = ["serve", service.kind.rawValue, "--host", "127.0.0.1", "--control", setup]
                let process = ServiceProcess(
                    name: service.name, executable: environment.executable, arguments: arguments, watchdog: watchdog)
                guard scenario.faults.contains(where: { $0.service == service.name && $0.kind.isOfNetwork }) else { return process }
                return ProxiedService(process, seed: seed) { journal.write($0) }
            },
            obstacle: { kind in
                guard case .processCPUQuota = kind else { return nil }
                return ProcessorQuota.obstacle
            },
            leftovers: { [] })
    }

    /// Models of the services, on a clock that jumps to what happens next.
    static func models(_ environment: RunEnvironment, seed: UInt64, _ world: VirtualTime) -> Engine {
        Engine(
            timeSource: world.timeSource,
            makeService: { service in
                let behavior = ServiceBehavior(service.model, seed: seed, world.timeSource)
                if service.kind == .code { return CodeService(name: service.name, behavior, world.timeSource) }
                return ModelledService(
                    name: service.name, behavior, methods: environment.methods,
                    timeSource: world.timeSource)
            },
            obstacle: { _ in nil },
            leftovers: {
                let timers = world.pendingTimers
                return timers > 0 ? ["\(Figure.count(timers, "timer")) still set"] : []
            })
    }
}
