import ArgumentParser
import HoldfastChaos
import HoldfastPolicyFiles

extension ChaosCommand {
    /// `holdfast chaos check`: is this scenario right?
    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Check scenario files, and the policy files that they name, without running anything.",
            discussion: "Exit codes: 0 no mistakes, 64 mistakes.")

        @Argument(help: "Scenario files.") var files: [String]
        @Option(
            name: .customLong("set"), help: "What ${NAME} stands for in them and their policy files, as NAME=VALUE.")
        var parameters: [ScenarioParameter] = []

        func run() throws {
            var hasMistakes = false
            for file in files {
                let scenario: Scenario
                do throws(DocumentError) {
                    scenario = try Scenario.load(path: file, parameters: parameters.dictionary)
                } catch {
                    Console.diagnose(error.rendering)
                    hasMistakes = true
                    continue
                }
                try Console.say("\(file): \(scenario.summary)")
            }
            if hasMistakes { throw Documents.wrongFile }
        }
    }
}
