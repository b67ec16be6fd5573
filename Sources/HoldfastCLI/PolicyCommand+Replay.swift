import ArgumentParser
import HoldfastPolicyFiles

extension PolicyCommand {
    /// `holdfast policy replay`: what would this policy do?
    struct Replay: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show what a policy would do, step by step, without waiting.",
            discussion: """
                The file holds one policy's settings, with the fields of a policy file, and steps with a time and an event:

                  { "version": 1,
                    "circuitBreaker": { "window": { "count": 4 }, "minimumCalls": 2, "open": { "for": "1s", "jitter": 0 } },
                    "steps": [ { "at": "0s", "call": { "outcome": "failure", "times": 2 } },
                               { "at": "500ms", "admit": "a" }, { "at": "1s", "admit": "b" }, { "at": "1s", "settle": "b" } ] }

                The output is one line of JSON for each step; durations are numbers of milliseconds. Policies/trace-format.md describes \
                all events and keys, Policies/trace.schema.json is for editors. Exit code 64 if the file has a mistake.
                """)

        @Argument(help: "The trace.") var file: String

        func run() async throws {
            let trace = try Documents.read { () throws(DocumentError) in try PolicyTrace(path: file) }
            for warning in trace.warnings { Console.diagnose("\(warning)") }
            try await trace.replay { line in try Console.say(line) }
        }
    }
}
