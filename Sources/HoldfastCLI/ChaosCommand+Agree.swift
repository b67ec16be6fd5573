import ArgumentParser
import Foundation
import HoldfastChaos
import HoldfastPolicyFiles

extension ChaosCommand {
    /// `holdfast chaos agree`: whether processes and models behave alike.
    struct Agree: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Run a scenario with real processes and in virtual time, and tell whether both come out alike.",
            discussion: """
                Each real run is held against the one of its seed in virtual time, which has the same arrivals and draws. They agree if \
                on average the answered ratio lies within a point, the attempts per call within 5 % of the mean of all seeds, both in \
                each measured phase, and each breaker's first opening within half a second.

                Exit codes: 0 they agree, 1 they do not, 2 not started (the steady state of a real run did not hold), 3 interrupted, \
                4 the harness itself failed, 64 a file is wrong.
                """)

        @Argument(help: "The scenario file.") var file: String
        @Option(help: "How many real runs there are; they take the first of the seeds.") var runs = 3
        @Option(help: "The seeds of the runs in virtual time.") var seeds = SeedRange(argument: "1..200")!
        @Option(
            name: .customLong("set"), help: "What ${NAME} stands for in the scenario and its policy files, as NAME=VALUE.")
        var parameters: [ScenarioParameter] = []

        func validate() throws {
            guard runs > 0, runs <= seeds.range.count else {
                throw ValidationError("--runs is a number from 1 up to that of the seeds, \(seeds.range.count)")
            }
        }

        func run() async throws {
            let scenario = try Documents.read { () throws(DocumentError) in
                try Scenario.load(path: file, parameters: parameters.dictionary, methods: ChaosEnvironment.methods)
            }
            guard scenario.engines == .both else {
                Console.diagnose("\(file): it has \"time\": \"\(scenario.engines.rawValue)\"; only one with \"both\" can be compared")
                throw Documents.wrongFile
            }
            signal(SIGPIPE, SIG_IGN)
            let environment = try ChaosEnvironment.make()
            let seeds = Array(seeds.range)
            let results = try await Run.untilInterrupted {
                let virtual = try await Self.results(scenario, environment, seeds, isVirtual: true)
                try Console.say("\(seeds.count) runs in virtual time are done")
                let real = try await Self.results(scenario, environment, seeds.prefix(runs), isVirtual: false)
                return (real: real, virtual: virtual)
            }
            if let odd = results.real.first(where: { $0.verdict == .notStarted }) {
                Console.complain("the steady state of seed \(odd.seed) did not hold: nothing can be compared")
                throw ExitCode(2)
            }
            let agreement = Agreement(real: results.real, virtual: results.virtual)
            for line in AgreementLines.lines(agreement, style: ProgressWriter().style) { try Console.say(line) }
            if !agreement.holds { throw ExitCode(1) }
        }

        private static func results(
            _ scenario: Scenario, _ environment: RunEnvironment, _ seeds: some Collection<UInt64>, isVirtual: Bool
        ) async throws -> [RunResult] {
            var results: [RunResult] = []
            for seed in seeds {
                var scenario = scenario
                scenario.seed = seed
                if !isVirtual { try Console.say("a real run with seed \(seed)") }
                let run = ScenarioRun(scenario, environment, isVirtual: isVirtual, output: nil, replayCommand: "") { _ in }
                let result = try await run.run()
                guard result.verdict != .aborted else { throw CancellationError() }
                results.append(result)
            }
            return results
        }
    }
}
