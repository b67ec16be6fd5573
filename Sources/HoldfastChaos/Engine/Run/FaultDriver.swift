import Holdfast

/// Brings a scenario's faults into force and takes them back.
actor FaultDriver {
    private let scenario: Scenario
    private let services: [String: any RunningService]
    private var active: Set<String> = []
    /// When the last change was due, from the start of the run.
    private var moment = Duration.zero
    private var begun: Set<String> = []
    private var kills: [String: Int] = [:]
    private var undone: Set<String> = []
    /// Services that did not confirm the last change of their faults.
    private var disobedient: Set<String> = []

    init(_ scenario: Scenario, services: [String: any RunningService]) {
        self.scenario = scenario
        self.services = services
    }

    /// The faults in force.
    var inForce: Set<String> { active }

    /// Brings a fault into force.
    func begin(_ fault: FaultSpec) async {
        guard let service = services[fault.service] else { return }
        active.insert(fault.id)
        moment = fault.start
        begun.insert(fault.id)
        if case .processKill(let signal) = fault.kind {
            await service.kill(signal)
            kills[fault.id, default: 0] += 1
        } else {
            await install(in: service)
        }
    }

    /// Takes a fault back.
    func end(_ fault: FaultSpec) async throws {
        guard active.remove(fault.id) != nil, let service = services[fault.service] else { return }
        moment = fault.end
        if case .processKill = fault.kind {
            // Another fault may still want the process down.
            if !isKept(down: fault.service) {
                try await service.start()
                await install(in: service)
            }
        } else {
            await install(in: service)
        }
    }

    /// Takes every fault back that is still in force, whatever happens.
    func endAll() async {
        for fault in scenario.faults where active.contains(fault.id) {
            try? await end(fault)
        }
    }

    /// Notes that a probe went through to a service, so that its faults are proven gone.
    func noteProbe(of service: String) {
        guard !disobedient.contains(service) else { return }
        for fault in scenario.faults where fault.service == service && !active.contains(fault.id) { undone.insert(fault.id) }
    }

    /// Every fault that came into force, with its hits so far.
    func facts() async -> [RunFacts.Fault] {
        var facts: [RunFacts.Fault] = []
        for fault in scenario.faults where begun.contains(fault.id) {
            let hits = kills[fault.id] != nil ? kills[fault.id]! : await services[fault.service]?.hits()[fault.id] ?? 0
            facts.append(RunFacts.Fault(id: fault.id, hits: hits, isUndone: undone.contains(fault.id)))
        }
        return facts
    }

    private func isKept(down service: String) -> Bool {
        scenario.faults.contains { other in
            guard other.service == service, active.contains(other.id), case .processKill = other.kind else { return false }
            return true
        }
    }

    private func install(in service: any RunningService) async {
        let isDone = await service.install(scenario.faultPlan(service: service.name, active: active, at: moment))
        if isDone { disobedient.remove(service.name) } else { disobedient.insert(service.name) }
    }
}
