import Holdfast

/// What one variant of a run found.
package struct VariantResult: Sendable, Hashable, Codable {
    /// Other policies from a moment on, in seconds from the start.
    package struct Reload: Sendable, Hashable, Codable {
        package var at: Double
        package var policies: String
    }

    package var name: String
    /// The policy file.
    package var policies: String
    /// The files that took its place, in order of time; nil for none.
    package var reloads: [Reload]?
    /// The policy elements left out.
    package var disabled: [String]
    package var expectedFailures: [String]
    package var verdict: VariantVerdict
    package var assertions: [AssertionResult]
    package var faults: [FaultResult]
    package var loads: [LoadResult]
    package var breakers: [BreakerStrip]
    /// Of services that have several; nil where none has.
    package var replicas: [ReplicaResult]?

    /// Puts together what was recorded of a variant.
    package init(variant: Variant, scenario: Scenario, recorder: Recorder, facts: RunFacts, assertions: [AssertionResult]) {
        name = variant.name
        policies = variant.policies ?? "those of the code"
        reloads = variant.reloads.isEmpty ? nil : variant.reloads.map { Reload(at: $0.at.offset.seconds, policies: $0.policies) }
        disabled = variant.disable
        expectedFailures = variant.expectedFailures
        let facts = facts.including(scenario.faults)
        verdict = VariantVerdict(variant: variant, results: assertions, faults: facts.faults)
        self.assertions = assertions
        faults = scenario.faults.map { fault in
            FaultResult(fault, fact: facts.faults.first { $0.id == fault.id })
        }
        loads = scenario.load.map { LoadResult($0, recorder: recorder) }
        let end = scenario.timeline.end.nanoseconds
        let several = scenario.services.filter { $0.replicas > 1 }
        if !several.isEmpty {
            replicas = several.flatMap { service in
                (0..<service.replicas).map { ReplicaResult(service: service.name, replica: $0, facts, seconds: recorder.seconds) }
            }
        }
        breakers = facts.breakers.keys.sorted().map { name in
            BreakerStrip(name: name, spells: BreakerSpell.spells(facts.breakers[name] ?? [], end: end), end: end)
        }
    }
}

extension RunFacts {
    /// The facts with an entry for each fault of the scenario: one that never came into force hit nothing.
    fileprivate func including(_ specs: [FaultSpec]) -> RunFacts {
        var facts = self
        facts.faults = specs.map { spec in
            faults.first { $0.id == spec.id } ?? Fault(id: spec.id, hits: 0, isUndone: true)
        }
        return facts
    }
}

/// A fault as it went.
package struct FaultResult: Sendable, Hashable, Codable {
    package var id: String
    package var kind: String
    package var service: String
    /// The one of the service's replicas that it broke; nil for all of them.
    package var replica: Int?
    package var group: String?
    package var start: Double
    package var end: Double
    package var hits: Int
    package var isUndone: Bool
    /// Why this machine could not inject it, so that it was skipped; nil for one that it could.
    package var obstacle: String?

    /// Where it broke something, in words: `say`, or `say.0` for one replica.
    var target: String { replica.map { "\(service).\($0)" } ?? service }

    init(_ fault: FaultSpec, fact: RunFacts.Fault?) {
        id = fault.id
        kind = fault.kind.name
        service = fault.service
        replica = fault.replica
        group = fault.group
        start = fault.start.seconds
        end = fault.end.seconds
        hits = fact?.hits ?? 0
        isUndone = fact?.isUndone ?? true
        obstacle = fact?.obstacle
    }
}

/// What one replica of a service had to do.
package struct ReplicaResult: Sendable, Hashable, Codable {
    package var service: String
    /// From 0.
    package var replica: Int
    /// On how many attempts a worker began to work in each second of the run.
    package var worked: [Int]
    /// The most workers that were busy at once.
    package var busy: Int
    /// The longest line in front of them.
    package var waiting: Int

    init(service: String, replica: Int, _ facts: RunFacts, seconds: Int) {
        self.service = service
        self.replica = replica
        let work = facts.replicas[ReplicaPlace(service: service, replica: replica)] ?? ReplicaWork()
        worked = (0..<seconds).map { work.seconds[$0] ?? 0 }
        busy = work.occupancy.busy
        waiting = work.occupancy.waiting
    }
}

/// The states of one breaker over the run.
package struct BreakerStrip: Sendable, Hashable, Codable {
    package struct Spell: Sendable, Hashable, Codable {
        package var state: BreakerState
        package var start: Double
        package var end: Double
    }

    package var name: String
    package var spells: [Spell]

    /// - Parameter end: when the run ends, in nanoseconds; a breaker may move after that, while the last calls end.
    init(name: String, spells: [BreakerSpell], end: Int64) {
        self.name = name
        self.spells = spells.filter { $0.start < end }.map { spell in
            Spell(state: spell.state, start: Double(spell.start) / 1e9, end: Double(min(spell.end, end)) / 1e9)
        }
    }
}
