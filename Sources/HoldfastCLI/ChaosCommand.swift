import ArgumentParser
import Foundation
import Holdfast
import HoldfastChaos
import HoldfastPolicyFiles
import SayEcho
import SwiftProtobuf

/// `holdfast chaos`: breaks services on purpose.
struct ChaosCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "chaos", abstract: "Break services on purpose, and prove that the policies hold.", subcommands: [Run.self])

    struct Run: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Run a chaos scenario with real processes on this machine.",
            discussion: """
                Exit codes: 0 passed, 1 failed, 2 not started (the steady state did not hold), 3 aborted, 4 the harness \
                itself failed, 64 a file is wrong.
                """)

        @Argument(help: "The scenario file.") var file: String
        @Option(help: "Replaces the scenario's seed.") var seed: UInt64?
        @Option(help: "The folder for journal.ndjson, result.json and report.html.") var output: String?

        func run() async throws {
            var scenario = try Documents.read { () throws(DocumentError) in try Scenario.load(path: file) }
            if let seed { scenario.seed = seed }
            // A service that dies while it is told something must not take the run with it.
            signal(SIGPIPE, SIG_IGN)
            let view = Locked(ProgressWriter())
            let run = ScenarioRun(
                scenario, try environment(), output: output.map { URL(fileURLWithPath: $0) },
                replayCommand: replayCommand(scenario)
            ) { news in
                view.withLock { view in
                    switch news {
                    case .event(let event): view.note(event)
                    case .progress(let snapshot): view.show(snapshot)
                    }
                }
            }

            let work = Task { try await run.run() }
            let interrupted = Task {
                await Signals.wait(for: [SIGINT, SIGTERM])
                work.cancel()
            }
            defer { interrupted.cancel() }
            let result: RunResult
            do {
                result = try await work.value
            } catch let error as DocumentError {
                Console.diagnose("\(error)")
                throw Documents.wrongFile
            } catch {
                Console.complain("\(error)")
                throw ExitCode(4)
            }
            view.withLock { view in
                let lines = VerdictLines.lines(result, style: view.style)
                let report = output.map { ["report: \($0)/report.html"] } ?? []
                // The command that replays the run stays the last line.
                view.leave(lines.dropLast() + report + lines.suffix(1))
            }
            throw ExitCode(result.exitCode)
        }

        private func replayCommand(_ scenario: Scenario) -> String {
            let words = [CommandLine.arguments[0], "chaos", "run", file, "--seed", String(scenario.seed)]
            return (words + (output.map { ["--output", $0] } ?? [])).map(quotedForShell).joined(separator: " ")
        }

        /// As it must be typed in a shell.
        private func quotedForShell(_ word: String) -> String {
            let plain = word.utf8.allSatisfy { byte in
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) || (UInt8(ascii: "-")...UInt8(ascii: "9")).contains(byte)
                    || byte == UInt8(ascii: "_")
            }
            return plain && !word.isEmpty ? word : "'\(word.replacingOccurrences(of: "'", with: "'\\''"))'"
        }

        private func environment() throws -> RunEnvironment {
            guard let executable = Bundle.main.executableURL else { throw HarnessError("cannot find the holdfast command itself") }
            let sayHi = DemoMethod(
                name: "grpconepb.grpconepb/SayHi",
                encodeRequest: { try Grpconepb_Say(jsonString: $0).serializedBytes() },
                answerBelongs: { request, response in
                    guard let request = try? Grpconepb_Say(serializedBytes: request),
                        let response = try? Grpconepb_Response(serializedBytes: response),
                        let body = try? JSONDecoder().decode([[String: String]].self, from: Data(response.body.utf8))
                    else { return false }
                    return body == [[request.name: request.msg]]
                })
            return RunEnvironment(executable: executable, methods: [sayHi], policyMethods: SayEchoMethods.all)
        }
    }
}
