import ArgumentParser

/// The `holdfast` command.
@main
struct Holdfast: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "holdfast",
        abstract: "Resilience policies for services: serve, call, check policies, break things on purpose.",
        subcommands: [Serve.self, CallCommand.self, PolicyCommand.self, ChaosCommand.self]
    )
}
