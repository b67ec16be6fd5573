import Holdfast
import HoldfastRPC

/// The load, and what happens beside it.
extension VariantRun {
    func offerLoad(_ clients: [String: [RPCClient]]) async throws -> [String: Int] {
        let timeSource = engine.timeSource
        let code = try await makeCode()
        let start = timeSource.now() + .milliseconds(50)
        journal.begin(at: start)
        let generators = try scenario.load.map { load in
            if let operation = code?.operation, load.method.isEmpty {
                let services = services.compactMapValues { $0.replicas[0] as? CodeService }
                let target = CodeTarget(load: load.name, operation, services: services, timeSource)
                // Nobody says of code whether it may be run twice.
                return LoadGenerator(
                    load, target, seed: scenario.seed, start: start, timeSource, safety: engine.isReal ? safety : nil
                ) { [log] in log.record($0) }
            }
            guard let method = environment.methods.first(where: { $0.name == load.method }) else {
                throw HarnessError("no load can be made for the method \(load.method)")
            }
            let clients = Array(clients[load.service]!.prefix(load.clients))
            return LoadGenerator(
                load, MethodTarget(load, method, clients: clients, seed: scenario.seed), seed: scenario.seed, start: start, timeSource,
                safety: engine.isReal ? safety : nil, isWrite: { [policies] in policies.isWrite(load.method) }
            ) { [log] in log.record($0) }
        }
        // The story of a breaker is one breaker's: of several clients' that of the first.
        let events = PolicyEvents(
            policies.eventSources + (code?.observed ?? []).map { $0.eventSource }, capacity: 100_000)
        let listener = Task(executorPreference: timeSource.taskExecutor) { [self] in await listen(to: events, from: start) }
        defer { listener.cancel() }
        return try await withThrowingTaskGroup(of: (String, Int)?.self) { group in
            // First, so that in virtual time a fault is in force for a call that starts at the same moment.
            group.addTask { [self] in
                try await follow(start, events, generators)
                return nil
            }
            for (load, generator) in zip(scenario.load, generators) {
                group.addTask { [scenario] in
                    let offered = try await generator.offer(until: scenario.timeline.end)
                    await generator.drain()
                    return (load.name, offered)
                }
            }
            let ticker = Task(executorPreference: timeSource.taskExecutor) { [self] in await tick(start, generators) }
            var offered: [String: Int] = [:]
            do {
                while let part = try await group.next() {
                    if let (load, count) = part { offered[load] = count }
                }
            } catch {
                group.cancelAll()
                for generator in generators { await generator.drain() }
                ticker.cancel()
                await ticker.value
                throw error
            }
            ticker.cancel()
            await ticker.value
            events.finish()
            await listener.value
            return offered
        }
    }

    /// Makes what loads without a method call.
    private func makeCode() async throws -> (operation: ChaosOperation, observed: [any Policy])? {
        guard let setUp = environment.setUp else { return nil }
        let context = ChaosContext(
            variant: variant.name, timeSource: engine.timeSource, random: KeyedRandom(seed: scenario.seed).keyed("code").sequence)
        let operation = try await setUp(context)
        let observed = context.observed.withLock { $0 }
        for policy in observed { log.follow(breaker: policy.name) }
        return (operation, observed)
    }

    /// Does what the scenario says at each moment.
    private func follow(_ start: Instant, _ events: PolicyEvents, _ generators: [LoadGenerator]) async throws {
        for moment in Moments.of(scenario, variant) {
            try await engine.timeSource.sleep(until: start + moment.at)
            switch moment.what {
            case .gateEnds(let phase):
                try judgeGate(phase, generators)
            case .phaseBegins(let phase):
                journal.write(JournalEvent(at: moment.at.seconds, .phase(name: phase.name)))
            case .policiesReload(let reload):
                events.add(try await harness("\(reload.policies) could not be put in force") { try await policies.reload(reload) })
                for breaker in policies.breakers { log.follow(breaker: breaker) }
                journal.write(JournalEvent(at: moment.at.seconds, .reloaded(policies: reload.policies)))
            case .faultBegins(let fault):
                try await harness("fault \"\(fault.id)\" could not be injected") { try await driver.begin(fault) }
                journal.write(JournalEvent(at: moment.at.seconds, .faultStarted(id: fault.id)))
            case .faultRepeats(let fault):
                try await harness("fault \"\(fault.id)\" could not be injected") { try await driver.repeat(fault, at: moment.at) }
            case .faultEnds(let fault):
                try await harness("fault \"\(fault.id)\" could not be undone") { try await driver.end(fault) }
                let hits = await driver.facts().first { $0.id == fault.id }?.hits ?? 0
                journal.write(JournalEvent(at: moment.at.seconds, .faultEnded(id: fault.id, hits: hits)))
            }
        }
        try await engine.timeSource.sleep(until: start + scenario.timeline.end)
    }

    /// Does what is the harness's own to do: what it throws says nothing about the policies.
    private func harness<Value>(_ what: String, _ work: () async throws -> Value) async throws -> Value {
        do {
            return try await work()
        } catch let error as CancellationError {
            throw error
        } catch {
            throw HarnessError("\(what): \(error)")
        }
    }

    private func judgeGate(_ phase: Phase, _ generators: [LoadGenerator]) throws {
        // What hangs has no end yet, and must not be missing for it. A call that has taken twice as long as the slowest answer is taken for
        // one that gets none; one that has merely taken longer may be the next slowest.
        let slowest = Duration.seconds(log.recorder.aggregate(phase: phase.name).answered.seconds(at: 1) ?? 0)
        let overdue = generators.flatMap { $0.overdue(in: phase, after: slowest * 2) }
        var recorder = log.recorder
        for call in overdue { recorder.record(call) }
        let evaluator = AssertionEvaluator(recorder: recorder, facts: RunFacts(offered: [:]))
        let specs = scenario.assertions.filter { assertion in
            guard assertion.role == .gate, case .metric(_, _, phase: phase.name) = assertion.check else { return false }
            return true
        }
        let results = specs.map(evaluator.evaluate)
        decide(results, at: phase.end)
        if results.contains(where: { !$0.passed }) { throw GateFailed() }
    }

    func decide(_ results: [AssertionResult], at time: Duration) {
        log.decided(results)
        for result in results { journal.write(JournalEvent(at: time.seconds, .assertion(result))) }
    }
}
