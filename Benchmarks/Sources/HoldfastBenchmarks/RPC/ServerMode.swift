import Foundation
import HoldfastRPC
import SayEcho

/// The other side of ``ServerProcess``: this program as the Say service in a process of its own.
///
/// It prints its port, then answers each line of its input with the processor time it has used so far, and ends when the
/// input does; so it outlives its parent by nothing, whatever the parent dies of.
enum ServerMode {
    static let argument = "serve"

    static func run() async {
        let server: RPCServer
        do {
            server = try await RPCServer.start(host: "127.0.0.1", port: 0, services: [SayService()])
        } catch {
            Console.complain("\(error)")
            exit(1)
        }
        Console.say("\(server.port)")
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                while readLine() != nil { Console.say("\(CPUTime.own)") }
                continuation.resume()
            }
        }
        await server.shutdown(grace: .zero)
    }
}
