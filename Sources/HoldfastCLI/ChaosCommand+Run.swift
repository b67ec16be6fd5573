import ArgumentParser
import Foundation
import Holdfast
import HoldfastChaos
import HoldfastPolicyFiles

extension ChaosCommand {
    /// `holdfast chaos run`: breaks what a scenario says, and judges.
    struct Run: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Run a chaos scenario with real processes on this machine, or in virtual time.",
            discussion: """
                In virtual time the same pipelines run against models of the services, on a clock that jumps to what happens next: \
                the same seed gives the same journal, byte for byte, and a minute takes a moment.

                Exit codes: 0 passed, 1 failed, 2 not started (the steady state did not hold), 3 aborted, 4 the harness \
                itself failed, 64 a file is wrong.
                """)

        @Argument(help: "The scenario file.") var file: String
        @Option(help: "Replaces the scenario's seed.") var seed: UInt64?
        @Option(help: "The folder for journal.ndjson, result.json and report.html.") var output: String?
        @Option(
            name: .customLong("set"), help: "What ${NAME} stands for in the scenario and its policy files, as NAME=VALUE.")
        var parameters: [ScenarioParameter] = []
        @Flag(help: "Run in virtual time, against models of the services.") var virtual = false
        @Option(help: "Run in virtual time once for each of these seeds, such as 1..200, and tell what differed.") var seeds: SeedRange?

        func validate() throws {
            guard seeds != nil else { return }
            if seed != nil { throw ValidationError("--seed and --seeds exclude each other; give one of them") }
            if output != nil {
                throw ValidationError("--output goes with a single run; run one of the seeds with --virtual --seed N --output DIR")
            }
        }

        func run() async throws {
            var scenario = try Documents.read { () throws(DocumentError) in try Scenario.load(path: file, parameters: parameters.dictionary)
            }
            if let seed { scenario.seed = seed }
            if let service = scenario.services.first(where: { $0.kind == .code }) {
                Console.diagnose("\(file): the service \"\(service.name)\" is Swift code; run the scenario from a test, by ChaosScenario")
                throw Documents.wrongFile
            }
            try checkEngine(scenario)
            // A service that dies while it is told something must not take the run with it.
            signal(SIGPIPE, SIG_IGN)
            let environment = try ChaosEnvironment.make()
            if let seeds {
                try await sweep(SeedSweep(scenario, environment, seeds: seeds.range))
            } else {
                try await runOnce(scenario, environment)
            }
        }

        /// A scenario says which engines it may run on.
        private func checkEngine(_ scenario: Scenario) throws {
            let isVirtual = virtual || seeds != nil
            guard isVirtual ? !scenario.engines.includeVirtual : !scenario.engines.includeReal else { return }
            let advice =
                isVirtual
                ? "it has \"time\": \"real\"; run it without --virtual and --seeds, or write \"both\""
                : "it has \"time\": \"virtual\"; run it with --virtual, or write \"both\""
            Console.diagnose("\(file): \(advice)")
            throw Documents.wrongFile
        }

        private func runOnce(_ scenario: Scenario, _ environment: RunEnvironment) async throws {
            let view = Locked(ProgressWriter())
            let run = ScenarioRun(
                scenario, environment, isVirtual: virtual, output: output.map { URL(fileURLWithPath: $0) },
                replayCommand: replayCommand(scenario)
            ) { news in
                view.withLock { view in
                    switch news {
                    case .event(let event): view.note(event)
                    case .progress(let snapshot): view.show(snapshot)
                    }
                }
            }
            let result = try await Self.untilInterrupted { try await run.run() }
            view.withLock { view in
                let lines = VerdictLines.lines(result, style: view.style)
                let report = output.map { ["report: \($0)/report.html"] } ?? []
                // The command that replays the run stays the last line.
                view.leave(lines.dropLast() + report + lines.suffix(1))
            }
            throw ExitCode(result.exitCode)
        }

        private func sweep(_ sweep: SeedSweep) async throws {
            let result = try await Self.untilInterrupted { try await sweep.run() }
            for line in SweepLines.lines(result, style: ProgressWriter().style) { try Console.say(line) }
            let odd = (result.failed + result.notStarted).first
            try Console.say(replayCommand(seed: odd ?? result.seeds[0], isVirtual: true))
            throw ExitCode(result.exitCode)
        }

        /// Runs `work`, which SIGINT and SIGTERM cancel; what it throws becomes the command's exit code.
        private static func untilInterrupted<Value: Sendable>(_ work: @escaping @Sendable () async throws -> Value) async throws -> Value {
            let task = Task { try await work() }
            let interrupted = Task {
                await Signals.wait(for: [SIGINT, SIGTERM])
                task.cancel()
            }
            defer { interrupted.cancel() }
            do {
                return try await task.value
            } catch let error as DocumentError {
                Console.diagnose("\(error)")
                throw Documents.wrongFile
            } catch is CancellationError {
                throw ExitCode(3)
            } catch {
                Console.complain("\(error)")
                throw ExitCode(4)
            }
        }

        private func replayCommand(_ scenario: Scenario) -> String {
            replayCommand(seed: scenario.seed, isVirtual: virtual)
        }

        private func replayCommand(seed: UInt64, isVirtual: Bool) -> String {
            var words = [CommandLine.arguments[0], "chaos", "run", file]
            if isVirtual { words.append("--virtual") }
            for parameter in parameters { words += ["--set", "\(parameter.name)=\(parameter.value)"] }
            words += ["--seed", String(seed)]
            if let output { words += ["--output", output] }
            return words.map(Self.quotedForShell).joined(separator: " ")
        }

        /// As it must be typed in a shell.
        private static func quotedForShell(_ word: String) -> String {
            let plain = word.utf8.allSatisfy { byte in
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) || (UInt8(ascii: "-")...UInt8(ascii: "9")).contains(byte)
                    || byte == UInt8(ascii: "_")
            }
            return plain && !word.isEmpty ? word : "'\(word.replacingOccurrences(of: "'", with: "'\\''"))'"
        }
    }

    /// Seeds from one to another: `1..200`.
    struct SeedRange: ExpressibleByArgument {
        let range: ClosedRange<UInt64>

        init?(argument: String) {
            let parts = argument.split(separator: ".", omittingEmptySubsequences: false)
            guard parts.count == 3, parts[1].isEmpty, let first = UInt64(parts[0]), let last = UInt64(parts[2]), first <= last,
                last - first < 100_000
            else { return nil }
            range = first...last
        }
    }
}
