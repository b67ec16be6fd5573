import Holdfast

/// Brings a scenario's faults into force and takes them back.
actor FaultDriver {
    let scenario: Scenario
    private let services: [String: any RunningService]
    /// The faults that this machine cannot inject, and why.
    private let obstacles: [String: String]
    private(set) var active: Set<String> = []
    /// When the last change was due, from the start of the run.
    private var moment = Duration.zero
    private var begun: Set<String> = []
    /// How often each fault of a process struck.
    var processHits: [String: Int] = [:]
    /// Services that a fault has ended.
    var downed: Set<String> = []
    private var undone: Set<String> = []
    /// Services that did not confirm the last change of their faults.
    private var disobedient: Set<String> = []

    /// - Parameter obstacles: why this machine cannot inject a fault, by the fault's id: it is skipped.
    init(_ scenario: Scenario, services: [String: any RunningService], obstacles: [String: String] = [:]) {
        self.scenario = scenario
        self.services = services
        self.obstacles = obstacles
    }

    /// The faults in force.
    var inForce: Set<String> { active }

    /// Brings a fault into force; one that this machine cannot inject is left out.
    /// - Throws: what a service says that does not come up again.
    func begin(_ fault: FaultSpec) async throws {
        guard obstacles[fault.id] == nil, let service = services[fault.service] else { return }
        active.insert(fault.id)
        moment = fault.start
        begun.insert(fault.id)
        if fault.kind.isOfProcess {
            try await strike(fault, service)
        } else {
            await install(in: service)
        }
    }

    /// Lets a fault in force strike once more.
    func `repeat`(_ fault: FaultSpec) async throws {
        guard active.contains(fault.id), let service = services[fault.service] else { return }
        try await strike(fault, service)
    }

    /// Takes a fault back.
    func end(_ fault: FaultSpec) async throws {
        guard active.remove(fault.id) != nil, let service = services[fault.service] else { return }
        moment = fault.end
        if fault.kind.isOfProcess {
            try await mend(service, after: fault)
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

    /// Every fault that came into force or could not, with its hits so far.
    func facts() async -> [RunFacts.Fault] {
        var facts: [RunFacts.Fault] = []
        for fault in scenario.faults {
            if let obstacle = obstacles[fault.id] {
                facts.append(RunFacts.Fault(id: fault.id, hits: 0, isUndone: true, obstacle: obstacle))
            } else if begun.contains(fault.id) {
                let hits =
                    if fault.kind.isOfProcess {
                        processHits[fault.id] ?? 0
                    } else {
                        await services[fault.service]?.hits()[fault.id] ?? 0
                    }
                facts.append(RunFacts.Fault(id: fault.id, hits: hits, isUndone: undone.contains(fault.id)))
            }
        }
        return facts
    }

    func install(in service: any RunningService) async {
        let isDone = await service.install(scenario.faultPlan(service: service.name, active: active, at: moment))
        if isDone { disobedient.remove(service.name) } else { disobedient.insert(service.name) }
    }
}
