import ArgumentParser
import HoldfastPolicyFiles
import SayEcho

extension PolicyCommand {
    /// `holdfast policy check`: is this file right?
    struct Check: ParsableCommand {
        enum Format: String, ExpressibleByArgument, CaseIterable {
            case text, json, github
        }

        static let configuration = CommandConfiguration(
            abstract: "Check policy files without running anything.",
            discussion: """
                Finds mistakes (syntax, unknown keys, ranges, answers that fit no response, policies that cannot work), and lints: what is \
                probably not meant (warnings) or worth knowing (notes), each with an explanation. A folder stands for the files in it that \
                end in .json, .json5 or .jsonc, but not in .schema.json. Each argument is a document of its own; with --together all are one, \
                as the files of a folder are: what one defines, all may use.

                Findings as text go to standard error, as compilers have it; JSON and GitHub's workflow commands to standard output.

                Exit codes: 0 no mistakes, 64 mistakes; with --strict, 64 for warnings too; 74 the output could not be written.
                """)

        @Argument(help: "Files and folders.") var paths: [String]
        @Flag(help: "Take all files and folders for one document.") var together = false
        @Option(help: "text, json, or github for workflow commands.") var format = Format.text
        @Flag(help: "Take warnings for mistakes.") var strict = false

        func run() throws {
            let check = PolicyCheck(together ? [paths] : paths.map { [$0] }, methods: SayEchoMethods.all)
            switch format {
            case .text:
                for file in check.files {
                    for finding in file.findings { Console.diagnose(finding.rendering) }
                    if let summary = file.summary { try Console.say(summary) }
                }
            case .json: try Console.say(check.formatted(.json))
            case .github:
                let output = check.formatted(.github)
                if !output.isEmpty { try Console.say(output) }
            }
            if check.fails(strict: strict) { throw Documents.wrongFile }
        }
    }
}
