import ArgumentParser
import HoldfastPolicyFiles

extension PolicyCommand {
    /// `holdfast policy describe`: what does this file say, all in all?
    struct Describe: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print a document with everything in it resolved.",
            discussion: """
                Each policy has what it takes over by "extends" and "defaults", variables are replaced by their values, and every setting \
                stands there, the standard ones included. The output is a policy file that means the same. With --brief, without what holds \
                anyway.

                Several files, or a folder, are read as one document. Exit code 64 if a file has a mistake.
                """)

        @Argument(help: "The policy file; several, and folders, are one document.") var files: [String]
        @Flag(help: "Leave out what is standard.") var brief = false

        func run() throws {
            let document = try Documents.read { () throws(DocumentError) in try PolicyDocument(paths: files) }
            for warning in document.warnings { Console.diagnose("\(warning)") }
            try Console.say(brief ? document.json : document.describe(), terminator: "")
        }
    }
}
