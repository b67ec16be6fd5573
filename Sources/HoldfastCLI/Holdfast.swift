import ArgumentParser

/// The `holdfast` command.
@main
struct Holdfast: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "holdfast",
        abstract: "Resilience policies for services: serve, call, check policies, take them in hand, break things on purpose.",
        subcommands: [Serve.self, CallCommand.self, PolicyCommand.self, ControlCommand.self, ChaosCommand.self, TalkCommand.self]
    )
}
