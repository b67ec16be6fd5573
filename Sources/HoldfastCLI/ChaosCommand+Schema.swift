import ArgumentParser
import HoldfastChaos

extension ChaosCommand {
    /// `holdfast chaos schema`: what may stand in a scenario?
    struct Schema: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the JSON Schema of scenarios, for editors and validators.",
            discussion: "Name it in a scenario by \"$schema\".")

        func run() throws {
            try Console.say(ScenarioSchema.text, terminator: "")
        }
    }
}
