import ArgumentParser
import HoldfastChaos
import HoldfastPolicyFiles

extension ChaosCommand {
    /// `holdfast chaos check`: is this scenario right?
    struct Check: ParsableCommand {
        enum Format: String, ExpressibleByArgument, CaseIterable {
            case text, json, github
        }

        static let configuration = CommandConfiguration(
            abstract: "Check scenario files, and the policy files that they name, without running anything.",
            discussion: """
                All mistakes are found in one run. As text they go to standard error, as compilers have it; JSON and GitHub's workflow \
                commands to standard output.

                Exit codes: 0 no mistakes, 64 mistakes; 74 the output could not be written.
                """)

        @Argument(help: "Scenario files.") var files: [String]
        @Option(
            name: .customLong("set"), help: "What ${NAME} stands for in them and their policy files, as NAME=VALUE.")
        var parameters: [ScenarioParameter] = []
        @Option(help: "text, json, or github for workflow commands.") var format = Format.text

        func run() throws {
            let check = ScenarioCheck(files, parameters: parameters.dictionary, methods: ChaosEnvironment.methods)
            switch format {
            case .text:
                for file in check.files {
                    for finding in file.findings { Console.diagnose(finding.rendering) }
                    if let summary = file.summary { try Console.say("\(file.path): \(summary)") }
                }
            case .json: try Console.say(check.json)
            case .github:
                if !check.github.isEmpty { try Console.say(check.github) }
            }
            if check.fails { throw Documents.wrongFile }
        }
    }
}
