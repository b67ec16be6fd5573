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

                Exit codes: 0 passed, 1 failed, 2 not started (the steady state did not hold), 3 aborted by a signal or a safety \
                limit, 4 the harness itself failed, 5 faults were skipped, 64 a file is wrong.
                """)

        @Argument(help: "The scenario file.") var file: String
        @Option(help: "Replaces the scenario's seed.") var seed: UInt64?
        @Option(
            help: "The folder for journal.ndjson, result.json, junit.xml and report.html; of several seeds for sweep.json and report.html.")
        var output: String?
        @Option(
            name: .customLong("set"), help: "What ${NAME} stands for in the scenario and its policy files, as NAME=VALUE.")
        var parameters: [ScenarioParameter] = []
        @Flag(help: "Run in virtual time, against models of the services.") var virtual = false
        @Option(help: "Run in virtual time once for each of these seeds, such as 1..200, and tell what differed.") var seeds: SeedRange?

        @Flag(help: "Let a run pass although this machine cannot inject all of its faults.") var allowSkipped = false
        @Option(help: "The longest time that the run, or that of all seeds together, may take on the machine's clock, such as 90s or 2h.")
        var maxTime = DurationArgument(.seconds(3600))
        @Option(help: "The most calls a second that a run with real processes may make; in virtual time there is no such limit.")
        var maxRate = 10_000

        func validate() throws {
            guard maxRate > 0 else { throw ValidationError("--max-rate is a number of calls a second from 1 on") }
            guard output != "" else { throw ValidationError("--output is empty; give a folder, or leave it out") }
            guard seeds != nil else { return }
            if seed != nil { throw ValidationError("--seed and --seeds exclude each other; give one of them") }
        }

        func run() async throws {
            var scenario = try Documents.read { () throws(DocumentError) in
                try Scenario.load(path: file, parameters: parameters.dictionary, methods: ChaosEnvironment.methods)
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
                try await sweep(scenario, environment, seeds.range)
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
                scenario, environment, isVirtual: virtual,
                limits: SafetyLimits(time: maxTime.duration, callsPerSecond: maxRate), allowsSkipped: allowSkipped,
                output: output.map { URL(fileURLWithPath: $0) },
                replayCommand: replayCommand(scenario)
            ) { news in
                view.withLock { view in
                    switch news {
                    case .event(let event): view.note(event)
                    case .progress(let snapshot): view.show(snapshot)
                    }
                }
            }
            let result: RunResult
            do {
                result = try await Self.untilInterrupted { try await run.run() }
            } catch let code as ExitCode where code != Documents.wrongFile {
                // What went wrong has been said; whoever put it right wants to try again.
                view.withLock { $0.leave([replayCommand(scenario)]) }
                throw code
            }
            view.withLock { view in
                let lines = VerdictLines.lines(result, style: view.style)
                let report = output.map { ["report: \($0)/report.html"] } ?? []
                // The command that replays the run stays the last line.
                view.leave(lines.dropLast() + report + lines.suffix(1))
            }
            throw ExitCode(result.exitCode)
        }

        private func sweep(_ scenario: Scenario, _ environment: RunEnvironment, _ seeds: ClosedRange<UInt64>) async throws {
            let sweep = SeedSweep(
                scenario, environment, seeds: seeds, limits: SafetyLimits(time: maxTime.duration, callsPerSecond: maxRate),
                output: output.map { URL(fileURLWithPath: $0) })
            let result = try await Self.untilInterrupted { try await sweep.run() }
            for line in SweepLines.lines(result, style: ProgressWriter().style) { try Console.say(line) }
            if let output {
                try Self.harness {
                    try result.write(to: URL(fileURLWithPath: output)) { replayCommand(scenario, seed: $0, isVirtual: true, output: nil) }
                }
                try Console.say("report: \(output)/report.html")
            }
            // A seed that went another way than the others, or else any.
            let seed = (result.failed + result.notStarted + result.seeds).first ?? seeds.lowerBound
            try Console.say(replayCommand(scenario, seed: seed, isVirtual: true, output: nil))
            throw ExitCode(result.exitCode)
        }

        /// Runs `work`, which SIGINT and SIGTERM cancel; what it throws becomes the command's exit code.
        static func untilInterrupted<Value: Sendable>(_ work: @escaping @Sendable () async throws -> Value) async throws -> Value {
            // Before the work begins, so that there is nothing yet that a signal could leave behind.
            let signals = Signals.take([SIGINT, SIGTERM])
            let task = Task { try await work() }
            let interrupted = Task {
                for await _ in signals { task.cancel() }
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

        /// What the harness itself cannot do becomes the command's exit code.
        private static func harness(_ work: () throws -> Void) throws {
            do {
                try work()
            } catch {
                Console.complain("\(error)")
                throw ExitCode(4)
            }
        }

        private func replayCommand(_ scenario: Scenario) -> String {
            replayCommand(scenario, seed: scenario.seed, isVirtual: virtual, output: output)
        }

        private func replayCommand(_ scenario: Scenario, seed: UInt64, isVirtual: Bool, output: String?) -> String {
            var words = [CommandLine.arguments[0], "chaos", "run", file]
            if isVirtual { words.append("--virtual") }
            for parameter in parameters { words += ["--set", "\(parameter.name)=\(parameter.value)"] }
            // Whoever types it may have other variables.
            for (name, value) in scenario.variablesOfEnvironment.sorted(by: { $0.key < $1.key }) { words += ["--set", "\(name)=\(value)"] }
            words += ["--seed", String(seed)]
            if allowSkipped { words.append("--allow-skipped") }
            let limits = SafetyLimits()
            if maxTime.duration != limits.time { words += ["--max-time", DurationText.format(maxTime.duration)] }
            if maxRate != limits.callsPerSecond { words += ["--max-rate", String(maxRate)] }
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

    /// A time with its unit, as in files: `90s`.
    struct DurationArgument: ExpressibleByArgument {
        let duration: Duration

        init(_ duration: Duration) {
            self.duration = duration
        }

        init?(argument: String) {
            guard let duration = try? DurationText.parse(argument), duration > .zero else { return nil }
            self.duration = duration
        }

        var defaultValueDescription: String { DurationText.format(duration) }
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

        var defaultValueDescription: String { "\(range.lowerBound)..\(range.upperBound)" }
    }
}
