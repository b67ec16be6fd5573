import Holdfast

/// Brings a scenario's faults into force and takes them back.
actor FaultDriver {
    /// A replica, and where it stands.
    struct Target: Sendable {
        let service: String
        let index: Int
        let replica: any Replica

        var name: String { replica.name }
    }

    let scenario: Scenario
    /// By service.
    private let targets: [String: [Target]]
    /// The faults that this machine cannot inject, and why.
    private let obstacles: [String: String]
    private(set) var active: Set<String> = []
    /// When the last change was due, from the start of the run.
    private var moment = Duration.zero
    private var begun: Set<String> = []
    /// How often each fault of a process struck.
    var processHits: [String: Int] = [:]
    /// The replicas that each fault which stops them has hit, by name.
    var frozen: [String: Set<String>] = [:]
    /// Replicas that a fault has ended, by name.
    var downed: Set<String> = []
    /// Replicas that a probe went through to, by name.
    private var proven: Set<String> = []
    /// Replicas that did not confirm the last change of their faults, by name.
    private var disobedient: Set<String> = []

    /// - Parameter obstacles: why this machine cannot inject a fault, by the fault's id: it is skipped.
    init(_ scenario: Scenario, services: [String: RunningService], obstacles: [String: String] = [:]) {
        self.scenario = scenario
        targets = services.mapValues { service in
            service.replicas.enumerated().map { Target(service: service.name, index: $0, replica: $1) }
        }
        self.obstacles = obstacles
    }

    /// The faults in force.
    var inForce: Set<String> { active }

    /// Brings a fault into force; one that this machine cannot inject is left out.
    /// - Throws: what a service says that does not come up again.
    func begin(_ fault: FaultSpec) async throws {
        guard obstacles[fault.id] == nil else { return }
        active.insert(fault.id)
        moment = fault.start
        begun.insert(fault.id)
        for target in targets(of: fault) {
            if fault.kind.isOfProcess {
                try await strike(fault, target)
            } else {
                await install(in: target)
            }
        }
    }

    /// Lets a fault in force strike once more.
    /// - Parameter time: when that is due, from the start of the run.
    func `repeat`(_ fault: FaultSpec, at time: Duration) async throws {
        guard active.contains(fault.id) else { return }
        moment = time
        for target in targets(of: fault) { try await strike(fault, target) }
    }

    /// Takes a fault back.
    func end(_ fault: FaultSpec) async throws {
        guard active.remove(fault.id) != nil else { return }
        moment = fault.end
        var failure: (any Error)?
        // What keeps one of them down must not keep the fault in force in the others.
        for target in targets(of: fault) {
            if fault.kind.isOfProcess {
                do { try await mend(target, after: fault) } catch { failure = error }
            } else {
                await install(in: target)
            }
        }
        if let failure { throw failure }
    }

    /// Takes every fault back that is still in force, whatever happens.
    func endAll() async {
        for fault in scenario.faults where active.contains(fault.id) {
            try? await end(fault)
        }
    }

    /// Notes that a probe went through to a replica, so that its faults are proven gone.
    func noteProbe(of replica: any Replica) {
        if !disobedient.contains(replica.name) { proven.insert(replica.name) }
    }

    /// Every fault that came into force or could not, with its hits so far.
    func facts() async -> [RunFacts.Fault] {
        let asked = Set(scenario.faults.filter { begun.contains($0.id) && !$0.kind.isOfProcess }.map(\.service))
        var hits: [String: Int] = [:]
        for service in asked.sorted() {
            for target in targets[service] ?? [] { hits.merge(await target.replica.hits(), uniquingKeysWith: +) }
        }
        return scenario.faults.compactMap { fault in
            if let obstacle = obstacles[fault.id] { return RunFacts.Fault(id: fault.id, hits: 0, isUndone: true, obstacle: obstacle) }
            guard begun.contains(fault.id) else { return nil }
            let isUndone = !active.contains(fault.id) && targets(of: fault).allSatisfy { proven.contains($0.name) }
            let count = fault.kind.isOfProcess ? processHits[fault.id] : hits[fault.id]
            return RunFacts.Fault(id: fault.id, hits: count ?? 0, isUndone: isUndone)
        }
    }

    func install(in target: Target) async {
        let plan = scenario.faultPlan(service: target.service, replica: target.index, active: active, at: moment)
        if await target.replica.install(plan) { disobedient.remove(target.name) } else { disobedient.insert(target.name) }
    }

    private func targets(of fault: FaultSpec) -> [Target] {
        (targets[fault.service] ?? []).filter { fault.breaks($0.service, replica: $0.index) }
    }
}
