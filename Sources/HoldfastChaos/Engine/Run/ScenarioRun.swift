package import Foundation
import Holdfast
import HoldfastVirtualTime

/// Runs every variant of a scenario and puts the result together.
package struct ScenarioRun: Sendable {
    private let scenario: Scenario
    private let environment: RunEnvironment
    private let isVirtual: Bool
    private let limits: SafetyLimits
    private let allowsSkipped: Bool
    private let output: URL?
    private let replayCommand: String
    private let observe: @Sendable (RunNews) -> Void

    /// - Parameters:
    ///   - isVirtual: runs models of the services in virtual time, in place of processes.
    ///   - limits: what stops the run.
    ///   - allowsSkipped: whether a run may pass that leaves out faults which this machine cannot inject.
    ///   - output: the folder for `journal.ndjson`, `result.json`, `junit.xml` and `report.html`, made if it is not there, and rid of
    ///     those of a run before; nil for none.
    ///   - replayCommand: the command that runs the same again.
    ///   - observe: is told everything as it happens.
    package init(
        _ scenario: Scenario, _ environment: RunEnvironment, isVirtual: Bool = false, limits: SafetyLimits = SafetyLimits(),
        allowsSkipped: Bool = false,
        output: URL?, replayCommand: String,
        observe: @escaping @Sendable (RunNews) -> Void
    ) {
        self.scenario = scenario
        self.environment = environment
        self.isVirtual = isVirtual
        self.limits = limits
        self.allowsSkipped = allowsSkipped
        self.output = output
        self.replayCommand = replayCommand
        self.observe = observe
    }

    /// Runs the variants one after the other, up to one whose steady state does not hold.
    ///
    /// Cancelling the task ends the run: faults are undone, children ended, and the result says *aborted*.
    /// - Throws: `DocumentError` for a bad policy file, ``HarnessError`` when the harness cannot do its work.
    package func run() async throws -> RunResult {
        let journal = try openJournal()
        let startedAt = ISO8601DateFormatter().string(from: Date())
        journal.write(
            JournalEvent(at: 0, .run(scenario: scenario.name, seed: scenario.seed, replayCommand: replayCommand)))
        let outcome = try await runWithinLimits(journal)
        if let reason = outcome.abortReason { journal.write(JournalEvent(at: 0, .problem("aborted: \(reason)"))) }
        let result = RunResult(
            scenario: scenario, replayCommand: replayCommand, machine: isVirtual ? "virtual time" : Machine.description,
            startedAt: startedAt, variants: outcome.variants, abortReason: outcome.abortReason,
            allowsSkipped: allowsSkipped)
        if let output { try result.write(to: output) }
        return result
    }

    /// What ran to its end, and why the rest did not.
    private typealias Outcome = (variants: [VariantResult], abortReason: String?)

    private func runWithinLimits(_ journal: RunJournal) async throws -> Outcome {
        if !isVirtual, let excess = limits.excess(of: scenario) { return ([], excess) }
        let safety = SafetyWatch(limits)
        // The first child: a command that cannot run is reported as such, and what Foundation opens with the first child and keeps (a
        // connection to itself) is there before anybody looks for leaks.
        let hasChildren = scenario.services.contains { $0.kind != .code }
        let watchdog =
            isVirtual || !hasChildren
            ? nil : try Watchdog.Leash(executable: environment.executable, limit: limits.time + .seconds(60))
        defer { watchdog?.release() }
        // All policy files are read before the first variant runs: a mistake in the last one shows at once.
        let runs = try scenario.variants.map { variant in
            let world = isVirtual ? VirtualTime() : nil
            let engine: Engine =
                if let world {
                    .models(environment, seed: scenario.seed, world, journal)
                } else {
                    .processes(environment, scenario, journal, watchdog)
                }
            return (world, try VariantRun(scenario, variant, environment, journal, engine, safety))
        }
        return try await safety.watch {
            var variants: [VariantResult] = []
            do {
                for (world, run) in runs {
                    try Task.checkCancellation()
                    let variant =
                        if let world {
                            try await withTaskExecutorPreference(OwnThread()) { try world.run { try await run.run() } }
                        } else {
                            try await run.run()
                        }
                    variants.append(variant)
                    if variants.last?.verdict.status == .notStarted { break }
                }
            } catch is CancellationError {
                return (variants, safety.reason ?? "it was interrupted")
            } catch {
                journal.write(JournalEvent(at: 0, .problem("\(error)")))
                throw error
            }
            return (variants, nil)
        }
    }
}

extension ScenarioRun {
    private func openJournal() throws -> RunJournal {
        if let output { try OutputFolder.prepare(output) }
        do {
            return try RunJournal(url: output?.appendingPathComponent("journal.ndjson"), observe: observe)
        } catch {
            throw HarnessError("cannot write to \(output?.path ?? "the journal"): \(error.localizedDescription)")
        }
    }
}

/// The machine in a few words, for reports.
private enum Machine {
    static var description: String {
        let info = ProcessInfo.processInfo
        #if arch(x86_64)
        let architecture = "x86_64"
        #elseif arch(arm64)
        let architecture = "arm64"
        #else
        let architecture = "another architecture"
        #endif
        return "\(info.operatingSystemVersionString), \(architecture), \(info.activeProcessorCount) cores"
    }
}
