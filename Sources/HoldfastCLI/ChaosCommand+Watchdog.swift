import ArgumentParser
import HoldfastChaos

extension ChaosCommand {
    /// `holdfast chaos watchdog`: started by `chaos run`, ends its services when it dies.
    struct WatchdogCommand: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "watchdog", abstract: "End the services of a run whose runner died.", shouldDisplay: false)

        @Option(help: "The longest time that the runner may take, in seconds.") var limit: Int

        func run() throws {
            try Watchdog().watch(limit: .seconds(limit))
        }
    }
}
