import Foundation
import Holdfast
import HoldfastPolicyFiles
import HoldfastRPC

/// Runs one variant: starts the services, offers the load, breaks what the scenario breaks, and judges.
final class VariantRun: Sendable {
    /// The steady state did not hold, so nothing was broken.
    struct GateFailed: Error {}

    let scenario: Scenario
    let variant: Variant
    let environment: RunEnvironment
    let journal: RunJournal
    let engine: Engine
    let safety: SafetyWatch
    let policies: PoliciesUnderTest
    let log: RunLog
    let services: [String: RunningService]
    let driver: FaultDriver

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
        var services: [String: RunningService] = [:]
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
        facts.replicas = log.replicas
        switch outcome {
        case .success(let offered):
            facts.offered = offered
            for fault in faults where fault.obstacle == nil {
                journal.write(JournalEvent(at: scenario.timeline.end.seconds, .faultProbed(id: fault.id, isUndone: fault.isUndone)))
            }
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

    private func startServices(_ clients: inout [String: [RPCClient]]) async throws {
        var standard = RPCClient.Configuration()
        standard.connectTimeout = .seconds(1)
        standard.backoff.base = .milliseconds(100)
        standard.backoff.maximum = .milliseconds(500)
        standard.keepalive = variant.keepalive
        for service in scenario.services {
            var configuration = standard
            do {
                let running = services[service.name]!
                try await running.start()
                if service.kind == .code { continue }
                if service.replicas > 1 {
                    configuration.loadBalancing = variant.loadBalancing
                    configuration.outlierDetection = variant.outlierDetection
                }
                clients[service.name] = try await policies.makeClients(running.makeClient, configuration)
            } catch let error as CancellationError {
                throw error
            } catch {
                throw HarnessError("\(error)")
            }
        }
    }
}
