import Foundation
import Holdfast
import HoldfastPolicyFiles
import HoldfastRPC

/// Runs one variant: starts the services, offers the load, breaks what the scenario breaks, and judges.
final class VariantRun: Sendable {
    /// The steady state did not hold, so nothing was broken.
    private struct GateFailed: Error {}

    private let scenario: Scenario
    private let variant: Variant
    private let environment: RunEnvironment
    private let journal: RunJournal
    private let engine: Engine
    private let safety: SafetyWatch
    private let policies: PoliciesUnderTest
    private let log: RunLog
    private let services: [String: any RunningService]
    private let driver: FaultDriver

    init(
        _ scenario: Scenario, _ variant: Variant, _ environment: RunEnvironment, _ journal: RunJournal, _ engine: Engine,
        _ safety: SafetyWatch
    ) throws {
        self.safety = safety
        self.scenario = scenario
        self.variant = variant
        self.environment = environment
        self.journal = journal
        self.engine = engine
        policies = try PoliciesUnderTest(scenario, variant, environment, engine.timeSource)
        log = RunLog(Recorder(timeline: scenario.timeline, loads: scenario.load), breakers: policies.breakers)
        var services: [String: any RunningService] = [:]
        for service in scenario.services { services[service.name] = try engine.makeService(service) }
        self.services = services
        var obstacles: [String: String] = [:]
        for fault in scenario.faults { obstacles[fault.id] = engine.obstacle(fault.kind) }
        driver = FaultDriver(scenario, services: services, obstacles: obstacles)
    }

    /// Runs to the end, or to a failed gate.
    /// - Throws: ``HarnessError``, or `CancellationError`; either way every fault is undone and every child has ended.
    func run() async throws -> VariantResult {
        let descriptors = engine.isReal ? OpenDescriptors.names : []
        journal.write(JournalEvent(at: 0, .variant(name: variant.name)))
        var clients: [String: [RPCClient]] = [:]
        var outcome: Result<[String: Int], any Error>
        do {
            try await startServices(&clients)
            outcome = .success(try await offerLoad(clients))
        } catch {
            outcome = .failure(error)
        }
        await driver.endAll()
        if case .success = outcome { await probe() }
        // Cancelled after the load: what was probed proves nothing, and the run is over.
        if Task.isCancelled { outcome = .failure(CancellationError()) }
        let faults = await driver.facts()
        for client in clients.values.joined() { await client.shutdown() }
        for service in services.values { await service.stop() }

        var facts = RunFacts(
            offered: [:], maximumAttempts: policies.maximumAttempts, faults: faults, breakers: log.transitions)
        switch outcome {
        case .success(let offered):
            facts.offered = offered
            for load in scenario.load where policies.isWrite(load.method) {
                facts.writes[load.name] = log.worked(load: load.name)
            }
            facts.leaks = await leaks(descriptors)
            let evaluator = AssertionEvaluator(recorder: log.recorder, facts: facts)
            let early = Set(log.assertions.map(\.id))
            decide(scenario.assertions.filter { !early.contains($0.id) }.map(evaluator.evaluate), at: scenario.timeline.end)
        case .failure(is GateFailed): break
        case .failure(let error): throw error
        }
        let order = Dictionary(uniqueKeysWithValues: scenario.assertions.enumerated().map { ($1.id, $0) })
        let assertions = log.assertions.sorted { order[$0.id]! < order[$1.id]! }
        let result = VariantResult(
            variant: variant, scenario: scenario, recorder: log.recorder, facts: facts, assertions: assertions)
        journal.write(JournalEvent(at: scenario.timeline.end.seconds, .verdict(variant: variant.name, result.verdict)))
        return result
    }

    // MARK: Start

    private func startServices(_ clients: inout [String: [RPCClient]]) async throws {
        var configuration = RPCClient.Configuration()
        configuration.connectTimeout = .seconds(1)
        configuration.backoff.base = .milliseconds(100)
        configuration.backoff.maximum = .milliseconds(500)
        configuration.keepalive = variant.keepalive
        for service in scenario.services {
            do {
                try await services[service.name]!.start()
                if service.kind == .code { continue }
                clients[service.name] = try await policies.makeClients(services[service.name]!.makeClient, configuration)
            } catch let error as CancellationError {
                throw error
            } catch {
                throw HarnessError("\(error)")
            }
        }
    }

    // MARK: Load and faults

    private func offerLoad(_ clients: [String: [RPCClient]]) async throws -> [String: Int] {
        let timeSource = engine.timeSource
        let code = try await makeCode()
        let start = timeSource.now() + .milliseconds(50)
        journal.begin(at: start)
        let generators = try scenario.load.map { load in
            if let operation = code?.operation, load.method.isEmpty {
                let services = services.compactMapValues { $0 as? CodeService }
                let target = CodeTarget(load: load.name, operation, services: services, timeSource)
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
                safety: engine.isReal ? safety : nil
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
                try await follow(start, events)
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
    private func follow(_ start: Instant, _ events: PolicyEvents) async throws {
        for moment in Moments.of(scenario, variant) {
            try await engine.timeSource.sleep(until: start + moment.at)
            switch moment.what {
            case .gateEnds(let phase):
                try judgeGate(phase)
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
                try await harness("fault \"\(fault.id)\" could not be injected") { try await driver.repeat(fault) }
            case .faultEnds(let fault):
                try await harness("fault \"\(fault.id)\" could not be undone") { try await driver.end(fault) }
                let hits = await driver.facts().first { $0.id == fault.id }?.hits ?? 0
                journal.write(JournalEvent(at: moment.at.seconds, .faultEnded(id: fault.id, hits: hits, isUndone: true)))
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

    private func judgeGate(_ phase: Phase) throws {
        let evaluator = AssertionEvaluator(recorder: log.recorder, facts: RunFacts(offered: [:]))
        let specs = scenario.assertions.filter { assertion in
            guard assertion.role == .gate, case .metric(_, _, phase: phase.name) = assertion.check else { return false }
            return true
        }
        let results = specs.map(evaluator.evaluate)
        decide(results, at: phase.end)
        if results.contains(where: { !$0.passed }) { throw GateFailed() }
    }

    private func decide(_ results: [AssertionResult], at time: Duration) {
        log.decided(results)
        for result in results { journal.write(JournalEvent(at: time.seconds, .assertion(result))) }
    }

    // MARK: Watching

    private func listen(to events: PolicyEvents, from start: Instant) async {
        for await event in events {
            guard case .stateChanged(_, let to, _) = event.decision, let state = BreakerState(rawValue: to.rawValue) else { continue }
            let offset = start.duration(to: event.at)
            log.record(BreakerTransition(breaker: event.policy, offset: offset.nanoseconds, state: state))
            journal.write(JournalEvent(at: offset.seconds, .transition(breaker: event.policy, state: state)))
        }
    }

    /// Shows the progress four times a second, and writes a second to the journal once its calls have ended.
    private func tick(_ start: Instant, _ generators: [LoadGenerator]) async {
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
            log.note(await services[service.name]!.observe(), loads: loads, bin: bin)
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

    // MARK: End

    /// Calls every service, without policies: only an answer proves that it is whole again.
    private func probe() async {
        for service in scenario.services {
            // What is done to code is done in this process, and gone as soon as it is taken back.
            guard service.kind != .code else {
                await driver.noteProbe(of: service.name)
                continue
            }
            guard let client = try? await services[service.name]!.makeClient(RPCClient.Configuration()) else { continue }
            if await answers(service, client) { await driver.noteProbe(of: service.name) }
            await client.shutdown()
        }
    }

    /// Whether a service answers a call of its load, rightly; one without a load, whether it says that it is well.
    private func answers(_ service: ServiceSpec, _ client: RPCClient) async -> Bool {
        let load = scenario.load.first { $0.service == service.name }
        // In virtual time waiting costs nothing, and a service may have work left for callers who have long gone.
        let limit = engine.isReal ? max(.seconds(3), load?.deadline ?? .zero) : .seconds(3600)
        let options = CallOptions(deadline: engine.timeSource.now() + limit)
        guard let load, let method = environment.methods.first(where: { $0.name == load.method }) else {
            // Somebody's own command need not say how it is: it takes connections, or it would not have come up.
            if service.command != nil { return true }
            return (try? await client.unary(path: "/grpc.health.v1.Health/Check", [], options: options)) != nil
        }
        let target = MethodTarget(load, method, clients: [client], seed: scenario.seed)
        return (try? await target.call(0, options))?.hasWrongData == false
    }

    /// What is still there that was not there before.
    private func leaks(_ descriptorsBefore: Set<String>) async -> [String] {
        var leaks: [String] = []
        for service in services.values.sorted(by: { $0.name < $1.name }) { leaks += await service.leftovers() }
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
