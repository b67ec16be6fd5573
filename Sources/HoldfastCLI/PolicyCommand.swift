import ArgumentParser

/// `holdfast policy`: works on policy files.
struct PolicyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy", abstract: "Work on policy files.",
        subcommands: [Check.self, Explain.self, Describe.self, Diff.self, Replay.self, Schema.self])
}
