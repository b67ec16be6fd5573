import Holdfast
import HoldfastRPC

/// What is noted and shown while the load is offered.
extension VariantRun {
    func listen(to events: PolicyEvents, from start: Instant) async {
        for await event in events {
            guard case .stateChanged(_, let to, _) = event.decision, let state = BreakerState(rawValue: to.rawValue) else { continue }
            let offset = start.duration(to: event.at)
            log.record(BreakerTransition(breaker: event.policy, offset: offset.nanoseconds, state: state))
            journal.write(JournalEvent(at: offset.seconds, .transition(breaker: event.policy, state: state)))
        }
    }

    /// Shows the progress four times a second, and writes a second to the journal once its calls have ended.
    func tick(_ start: Instant, _ generators: [LoadGenerator]) async {
        let longest = scenario.load.map(\.deadline).max() ?? .zero
        let seconds = Int(scenario.timeline.end.seconds.rounded(.up))
        var written = 0
        var turn = 0
        while (try? await engine.timeSource.sleep(until: start + .milliseconds(250 * turn))) != nil {
            let now = start.duration(to: engine.timeSource.now())
            if turn % 4 == 0 { log.note(hits: await driver.facts()) }
            await observe(until: now)
            if engine.isReal { journal.show(snapshot(now, generators, active: await driver.inForce)) }
            while written < seconds, now >= .seconds(written + 1) + longest + .milliseconds(200) {
                write(second: written)
                written += 1
            }
            turn += 1
        }
        await observe(until: start.duration(to: engine.timeSource.now()))
        let begun = Int(start.duration(to: engine.timeSource.now()).seconds) + 1
        for second in written..<max(written, min(seconds, begun)) { write(second: second) }
    }

    /// Asks every service what it had to do since the last time.
    private func observe(until now: Duration) async {
        // What happened up to now belongs to the quarter that ends about now.
        let bin = Int((now.seconds * Double(Recorder.binsPerSecond)).rounded()) - 1
        for service in scenario.services {
            let loads = scenario.load.filter { $0.service == service.name }.map { (name: $0.name, limit: adaptiveLimit($0)) }
            for (index, replica) in services[service.name]!.replicas.enumerated() {
                let observation = await replica.observe()
                log.note(observation, of: ReplicaPlace(service: service.name, replica: index), loads: loads, bin: bin)
                for decision in observation?.decisions ?? [] { journal.write(decision, of: replica.name) }
            }
        }
    }

    /// What the adaptive limiter of a load's policies lets through; of several clients that of the first.
    private func adaptiveLimit(_ load: LoadSpec) -> Int? {
        policies.routes.policy(for: "/\(load.method)")?.pipeline.stages.lazy.compactMap { ($0.policy as? AdaptiveLimiter)?.limit }.first
    }

    private func write(second: Int) {
        for load in scenario.load {
            let result = SecondResult(second: second, log.second(second, of: load.name))
            journal.write(JournalEvent(at: Double(second), .second(load: load.name, result)))
        }
        for service in scenario.services where service.replicas > 1 {
            let worked = (0..<service.replicas).map { log.worked(by: ReplicaPlace(service: service.name, replica: $0), second: second) }
            journal.write(JournalEvent(at: Double(second), .replicas(service: service.name, second: second, worked: worked)))
        }
    }

    private func snapshot(_ now: Duration, _ generators: [LoadGenerator], active: Set<String>) -> ProgressSnapshot {
        let second = max(Int(now.seconds) - 1, 0)
        let hits = log.hits
        let decided = log.assertions
        return ProgressSnapshot(
            scenario: scenario.name, seed: scenario.seed, variant: variant.name, timeline: scenario.timeline, now: now.nanoseconds,
            faults: scenario.faults.filter { active.contains($0.id) }.map { .init(id: $0.id, hits: hits[$0.id] ?? 0) },
            loads: zip(scenario.load, generators).map { load, generator in
                .init(name: load.name, underWay: generator.underWay, second: log.second(second, of: load.name))
            },
            breakers: log.transitions.sorted { $0.key < $1.key }.map { .init(name: $0.key, transitions: $0.value) },
            assertions: decided,
            pending: scenario.assertions.map(\.id).filter { id in !decided.contains { $0.id == id } })
    }
}
