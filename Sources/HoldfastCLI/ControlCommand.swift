import ArgumentParser
import Foundation
import HoldfastAdmin

/// `holdfast control`: the operator's hand, at a server's debug port.
struct ControlCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "control", abstract: "Show the policies of a running server, and take them in hand.",
        discussion: """
            holdfast control 127.0.0.1:8002                                  shows all policies
            holdfast control 127.0.0.1:8002 breaker say isolate              or disable, observe, release, trip, probe, reset
            holdfast control 127.0.0.1:8002 shed say hold sheddablePlus      or another level, or none; or release
            holdfast control 127.0.0.1:8002 limiter say reset                of an adaptive limiter
            holdfast control 127.0.0.1:8002 chaos say enable                 or disable

            A policy is called by its own name (say/circuitBreaker), or by that of its pipeline if this has only one of the kind.
            """)

    @Argument(help: "The server's debug port, as HOST:PORT.") var address: String
    @Argument(help: "The kind: breaker, shed, limiter or chaos.") var kind: String?
    @Argument(help: "The policy's name.") var name: String?
    @Argument(help: "What to do.") var action: String?
    @Argument(help: "The level, for hold.") var level: String?
    @Option(help: "The source of the policy, where several have one of the name.") var source: String?
    @Option(help: "What changes need; by default HOLDFAST_DEBUG_TOKEN, or the file that a server of yours on this machine left.")
    var token: String?
    @Flag(help: "Print JSON.") var json = false

    func validate() throws {
        guard kind == nil || action != nil else {
            throw ValidationError("give a kind, a name and an action: holdfast control \(address) breaker say isolate")
        }
    }

    func run() async throws {
        let address = try AdminAddress.resolve(address, "", allowRemote: true)
        let token = token ?? TokenFile.environment ?? (address.isLoopback ? (try? TokenFile(port: address.port))?.read() : nil)
        let client = AdminClient(address, of: "the debug port", token: token)
        let answer: AdminClient.Answer
        do {
            if kind == nil {
                answer = try await client.send(.GET, "/v1/policies")
            } else {
                answer = try await client.send(.POST, "/v1/control", Array(try JSONEncoder().encode(order)))
            }
        } catch {
            Console.complain("\(error)")
            throw ExitCode.failure
        }
        let body = Data(answer.body)
        guard (200..<300).contains(answer.status) else {
            let message = try? JSONDecoder().decode([String: String].self, from: body)["error"]
            Console.complain(message ?? "the debug port answered \(answer.status)")
            throw ExitCode.failure
        }
        guard !json else { return try Console.say(String(decoding: answer.body, as: UTF8.self), terminator: "") }
        do {
            let text =
                try kind == nil
                ? JSONDecoder().decode(PolicyListing.self, from: body).text
                : JSONDecoder().decode(PolicyListing.Element.self, from: body).text
            try Console.say(text)
        } catch is DecodingError {
            Console.complain("the debug port's answer is not understood; see it with --json")
            throw ExitCode.failure
        }
    }

    /// The members of the order; what was not given is left out.
    private var order: [String: String] {
        var order: [String: String] = [:]
        for (key, value) in [("kind", kind), ("name", name), ("action", action), ("level", level), ("source", source)] {
            order[key] = value
        }
        return order
    }
}
