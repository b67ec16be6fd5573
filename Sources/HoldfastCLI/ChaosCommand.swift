import ArgumentParser

/// `holdfast chaos`: breaks services on purpose.
struct ChaosCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "chaos", abstract: "Break services on purpose, and prove that the policies hold.",
        subcommands: [Run.self, Check.self, Schema.self, Compare.self, Agree.self, Proxy.self, Fault.self, WatchdogCommand.self])
}
