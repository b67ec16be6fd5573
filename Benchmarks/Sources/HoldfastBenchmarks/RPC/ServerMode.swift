import Foundation
import HoldfastRPC
import SayEcho

/// The other side of ``ServerProcess``: this program as a server in a process of its own.
///
/// It prints its port, and ends when its input does; so it outlives its parent by nothing, whatever the parent dies of. Asked to
/// ``count`` and then what it has ``counted``, it prints what it asked of the allocator meanwhile.
enum ServerMode {
    static let argument = "serve"
    static let count = "count"
    static let counted = "counted"

    static func run(_ kind: ServerKind) async {
        do {
            switch kind {
            case .holdfast: try await runHoldfast()
            case .grpcSwift:
                try await GRPCSwift.serve {
                    Console.say("\($0)")
                } until: {
                    await inputToEnd()
                }
            case .nghttpd: throw BenchmarkError("nghttpd is a program of its own")
            }
        } catch {
            Console.complain("\(error)")
            exit(1)
        }
    }

    private static func runHoldfast() async throws {
        var configuration = RPCServer.Configuration()
        configuration.beginsHandlersOnEventLoop = true
        let server = try await RPCServer.start(
            host: "127.0.0.1", port: 0, security: .plaintext, services: [SayService(), StreamService()], configuration: configuration)
        Console.say("\(server.port)")
        await inputToEnd()
        await server.shutdown(grace: .zero)
    }

    private static func inputToEnd() async {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                while let line = readLine() {
                    if line == count { Allocations.start() }
                    if line == counted {
                        let counts = Allocations.stop()
                        Console.say("\(counts.calls) \(counts.allocated)")
                    }
                }
                continuation.resume()
            }
        }
    }
}
