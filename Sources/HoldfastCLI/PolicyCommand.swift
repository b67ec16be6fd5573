import ArgumentParser
import HoldfastPolicyFiles
import SayEcho

/// `holdfast policy`: works on policy files.
struct PolicyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy", abstract: "Work on policy files.", subcommands: [Check.self, Replay.self, Schema.self])

    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Check policy files without running anything. Exit code 64 if one has a mistake.")

        @Argument(help: "The files.") var files: [String]

        func run() throws {
            var hasMistakes = false
            for file in files {
                do {
                    let document = try PolicyDocument(path: file)
                    try document.checkFallbackValues(SayEchoMethods.all)
                    for warning in document.warnings { Console.diagnose("\(warning)") }
                    print("\(file): correct")
                } catch {
                    Console.diagnose("\(error)")
                    hasMistakes = true
                }
            }
            if hasMistakes { throw Documents.wrongFile }
        }
    }
}
