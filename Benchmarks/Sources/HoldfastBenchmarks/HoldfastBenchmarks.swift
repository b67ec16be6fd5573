import Foundation

/// `HoldfastBenchmarks [core] [memory] [rpc] [chaos] [--only TEXT]`: measures what a call costs, and prints tables; all of it when no part
/// is named. With `--only`, just the cases whose names contain the text.
@main
struct HoldfastBenchmarks {
    static func main() async {
        let arguments = Array(CommandLine.arguments.dropFirst())
        if arguments.first == ServerMode.argument, arguments.count == 2, let kind = ServerKind(rawValue: arguments[1]) {
            return await ServerMode.run(kind)
        }
        if arguments == [ByteServer.argument] {
            // A relay that goes away must not end the server.
            signal(SIGPIPE, SIG_IGN)
            do {
                return try ByteServer.run()
            } catch {
                Console.complain("\(error)")
                exit(1)
            }
        }
        let options: Options
        do {
            options = try Options(arguments)
        } catch {
            Console.complain("\(error)")
            exit(64)
        }
        Children.shared.endOnSignals()
        Children.shared.endAfter(seconds: 1200)
        // Not on the main actor: every call from there would be measured with a hop to another thread.
        let failure = await Task.detached { () -> String? in
            do {
                try await run(options)
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

    private static func run(_ options: Options) async throws {
        Console.say(Machine.description)
        for part in Options.Part.allCases where options.parts.contains(part) {
            switch part {
            case .core: try await CoreBenchmark.run(options)
            case .memory: try await MemoryBenchmark.run(options)
            case .rpc: try await RPCBenchmark.run(options)
            case .chaos: try ChaosBenchmark.run(options)
            }
        }
        Console.say(Machine.load)
    }
}
