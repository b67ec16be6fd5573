package import Foundation
import Holdfast
import HoldfastVirtualTime
import ProcessExit

/// Runs every variant of a scenario and puts the result together.
package struct ScenarioRun: Sendable {
    private let scenario: Scenario
    private let environment: RunEnvironment
    private let isVirtual: Bool
    private let output: URL?
    private let replayCommand: String
    private let observe: @Sendable (RunNews) -> Void

    /// - Parameters:
    ///   - isVirtual: runs models of the services in virtual time, in place of processes.
    ///   - output: the folder for `journal.ndjson`, `result.json` and `report.html`, made if it is not there; nil for none.
    ///   - replayCommand: the command that runs the same again.
    ///   - observe: is told everything as it happens.
    package init(
        _ scenario: Scenario, _ environment: RunEnvironment, isVirtual: Bool = false, output: URL?, replayCommand: String,
        observe: @escaping @Sendable (RunNews) -> Void
    ) {
        self.scenario = scenario
        self.environment = environment
        self.isVirtual = isVirtual
        self.output = output
        self.replayCommand = replayCommand
        self.observe = observe
    }

    /// Runs the variants one after the other, up to one whose steady state does not hold.
    ///
    /// Cancelling the task ends the run: faults are undone, children ended, and the result says *aborted*.
    /// - Throws: `DocumentError` for a bad policy file, ``HarnessError`` when the harness cannot do its work.
    package func run() async throws -> RunResult {
        if !isVirtual, scenario.services.contains(where: { $0.kind != .code }) { try checkExecutable() }
        let journal = try openJournal()
        let startedAt = ISO8601DateFormatter().string(from: Date())
        journal.write(
            JournalEvent(at: 0, .run(scenario: scenario.name, seed: scenario.seed, replayCommand: replayCommand)))
        // All policy files are read before the first variant runs: a mistake in the last one shows at once.
        let runs = try scenario.variants.map { variant in
            let world = isVirtual ? VirtualTime() : nil
            let engine =
                world.map { Engine.models(environment, seed: scenario.seed, $0) } ?? .processes(environment, seed: scenario.seed)
            return (world, try VariantRun(scenario, variant, environment, journal, engine))
        }
        var variants: [VariantResult] = []
        var isAborted = false
        for (world, run) in runs {
            guard !Task.isCancelled else {
                isAborted = true
                break
            }
            do {
                let variant = if let world { try world.run { try await run.run() } } else { try await run.run() }
                variants.append(variant)
            } catch is CancellationError {
                isAborted = true
                break
            } catch {
                journal.write(JournalEvent(at: 0, .problem("\(error)")))
                throw error
            }
            if variants.last?.verdict.status == .notStarted { break }
        }
        let result = RunResult(
            scenario: scenario, replayCommand: replayCommand, machine: isVirtual ? "virtual time" : Machine.description,
            startedAt: startedAt, variants: variants, isAborted: isAborted)
        if let output {
            try result.json().write(to: output.appendingPathComponent("result.json"))
            try Data(HTMLReport(result).html().utf8).write(to: output.appendingPathComponent("report.html"))
        }
        return result
    }
}

extension ScenarioRun {
    private func openJournal() throws -> RunJournal {
        do {
            if let output { try FileManager.default.createDirectory(at: output, withIntermediateDirectories: true) }
            return try RunJournal(url: output?.appendingPathComponent("journal.ndjson"), observe: observe)
        } catch {
            throw HarnessError("cannot write to \(output?.path ?? "the journal"): \(error.localizedDescription)")
        }
    }

    /// Starts the command once, so that one that cannot run is reported as such, and so that what Foundation opens with the first
    /// child and keeps (a connection to itself) is there before anybody looks for leaks.
    private func checkExecutable() throws {
        let process = Process()
        process.executableURL = environment.executable
        process.arguments = ["--help"]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        do {
            try process.run()
        } catch {
            throw HarnessError("services cannot be started with \(environment.executable.path): \(error.localizedDescription)")
        }
        _ = process.waitForExit()
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
