import Holdfast

/// Runs a scenario in virtual time for one seed after the other, and keeps of it what differed.
package struct SeedSweep: Sendable {
    private let scenario: Scenario
    private let environment: RunEnvironment
    private let seeds: ClosedRange<UInt64>

    package init(_ scenario: Scenario, _ environment: RunEnvironment, seeds: ClosedRange<UInt64>) {
        self.scenario = scenario
        self.environment = environment
        self.seeds = seeds
    }

    /// - Throws: what ``ScenarioRun/run()`` throws, and `CancellationError`.
    package func run() async throws -> SweepResult {
        var result = SweepResult(scenario)
        for seed in seeds {
            try Task.checkCancellation()
            var scenario = scenario
            scenario.seed = seed
            let one = try await ScenarioRun(scenario, environment, isVirtual: true, output: nil, replayCommand: "") { _ in }.run()
            guard one.verdict != .aborted else { throw CancellationError() }
            result.add(one, seed: seed)
        }
        return result
    }
}
