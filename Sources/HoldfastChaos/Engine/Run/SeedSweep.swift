package import Foundation
import Holdfast

/// Runs a scenario in virtual time for one seed after the other, and keeps of it what differed.
package struct SeedSweep: Sendable {
    private let scenario: Scenario
    private let environment: RunEnvironment
    private let seeds: ClosedRange<UInt64>
    private let limits: SafetyLimits
    private let output: URL?

    /// - Parameters:
    ///   - limits: what stops the sweep; its time is that of all seeds together.
    ///   - output: the folder that the result is written to in the end, made ready before the first seed runs; nil for none.
    package init(
        _ scenario: Scenario, _ environment: RunEnvironment, seeds: ClosedRange<UInt64>, limits: SafetyLimits = SafetyLimits(),
        output: URL? = nil
    ) {
        self.scenario = scenario
        self.environment = environment
        self.seeds = seeds
        self.limits = limits
        self.output = output
    }

    /// Runs the seeds, up to the last one or to where the limits or a cancellation of the task stop it; the result says which.
    ///
    /// - Throws: what ``ScenarioRun/run()`` throws.
    package func run() async throws -> SweepResult {
        if let output { try OutputFolder.prepare(output) }
        let safety = SafetyWatch(limits)
        let found = Locked(SweepResult(scenario))
        var abortReason: String?
        do {
            abortReason = try await safety.watch { () async throws -> String? in
                for seed in seeds {
                    try Task.checkCancellation()
                    let one = try await run(seed)
                    if let reason = one.abortReason { return reason }
                    found.withLock { $0.add(one, seed: seed) }
                }
                return nil
            }
        } catch is CancellationError {
            abortReason = "it was interrupted"
        }
        var result = found.withLock { $0 }
        // A run that is stopped from here knows only that it was interrupted.
        result.abortReason = abortReason.map { reason in "\(safety.reason ?? reason), after \(result.seeds.count) of \(seeds.count) seeds" }
        return result
    }

    private func run(_ seed: UInt64) async throws -> RunResult {
        var scenario = scenario
        scenario.seed = seed
        return try await ScenarioRun(
            scenario, environment, isVirtual: true, limits: limits, output: nil, replayCommand: ""
        ) { _ in }.run()
    }
}
