import ArgumentParser
import HoldfastPolicyFiles

extension PolicyCommand {
    /// `holdfast policy diff`: what changes for calls?
    struct Diff: ParsableCommand {
        enum Format: String, ExpressibleByArgument, CaseIterable {
            case text, json
        }

        static let configuration = CommandConfiguration(
            abstract: "Say what changes in behavior from one policy file to another.",
            discussion: """
                Formatting, the order of keys and of policies, and defaults that are written out change nothing. Lines begin with + for what \
                is new, - for what is gone, > for what stands elsewhere, ~ for what has another value, and = for what that means for calls \
                and, when a running program takes the new file, for the state of breakers and limits.

                Either may be a folder, which is one document. Files that both are read together with, such as one that holds the policies \
                they extend, are named by --with:

                  holdfast policy diff old/say.json new/say.json --with base.json

                Exit codes: 0, whether or not anything changes; 64 if a file has a mistake.
                """)

        @Argument(help: "The file or folder before.") var old: String
        @Argument(help: "The file or folder after.") var new: String
        @Option(name: .customLong("with"), help: "A file or folder that is a part of both; may be given several times.")
        var common: [String] = []
        @Option(help: "text or json.") var format = Format.text

        func run() throws {
            let documents = try [old, new].map { path in
                try Documents.read { () throws(DocumentError) in try PolicyDocument(paths: [path] + common) }
            }
            let diff = PolicyDiff(from: documents[0], to: documents[1])
            try Console.say(format == .json ? diff.json : diff.description)
        }
    }
}
