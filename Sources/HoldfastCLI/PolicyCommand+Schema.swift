import ArgumentParser
import HoldfastPolicyFiles

extension PolicyCommand {
    /// `holdfast policy schema`: what may stand in a policy file?
    struct Schema: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the JSON Schema of policy files, for editors and validators.",
            discussion: "Name it in a file by \"$schema\". With --reference, the same as a page for people, in Markdown.")

        @Flag(help: "Print the reference page.") var reference = false

        func run() throws {
            try Console.say(reference ? PolicyReference.text : PolicySchema.text, terminator: "")
        }
    }
}
