import Foundation

/// `HoldfastBenchmarks [core] [rpc]`: measures what a call costs, and prints tables; all of it when no part is named.
@main
struct HoldfastBenchmarks {
    static func main() async {
        let arguments = Array(CommandLine.arguments.dropFirst())
        if arguments == [ServerMode.argument] { return await ServerMode.run() }
        guard Set(arguments).isSubset(of: ["core", "rpc"]) else {
            Console.complain("usage: HoldfastBenchmarks [core] [rpc]; got \(arguments.joined(separator: " "))")
            exit(64)
        }
        Children.shared.endOnSignals()
        Children.shared.endAfter(seconds: 180)
        // Not on the main actor: every call from there would be measured with a hop to another thread.
        let failure = await Task.detached { () -> String? in
            do {
                try await run(arguments)
                return nil
            } catch {
                return "\(error)"
            }
        }.value
        Children.shared.endAll()
        if let failure {
            Console.complain(failure)
            exit(1)
        }
    }

    private static func run(_ parts: [String]) async throws {
        Console.say(Machine.description)
        if parts.isEmpty || parts.contains("core") { try await CoreBenchmark.run() }
        if parts.isEmpty || parts.contains("rpc") { try await RPCBenchmark.run() }
        Console.say(Machine.load)
    }
}
