import Foundation
import HoldfastRPC
import Testing

/// An Envoy that carries calls to a server on this machine, set up by `Tests/ForeignPeers/envoy.yaml`.
struct Envoy {
    /// The program, which `HOLDFAST_ENVOY` names; nil when there is none to test with.
    static let program = ProcessInfo.processInfo.environment["HOLDFAST_ENVOY"]

    /// Where clients call it.
    let port: Int
    private let process: ForeignPeer
    private let reserved: LoopbackSocket

    /// - Parameters:
    ///   - upstream: The server's port.
    ///   - callsPerConnection: After so many it ends a connection, on either side; 0 for never.
    ///   - longestDeadline: It ends calls after that long, whatever deadline they have, in protobuf's notation; 0s for their own.
    init(upstream: Int, callsPerConnection: Int = 0, longestDeadline: String = "0s") async throws {
        let program = try #require(Self.program, "HOLDFAST_ENVOY must name an Envoy")
        (reserved, port) = try LoopbackSocket.reserve()
        var setup = try String(contentsOf: ForeignPeer.file("envoy.yaml"), encoding: .utf8)
        for (name, value) in [
            ("$LISTEN", "\(port)"), ("$UPSTREAM", "\(upstream)"), ("$CALLS_PER_CONNECTION", "\(callsPerConnection)"),
            ("$LONGEST_DEADLINE", longestDeadline),
        ] {
            setup = setup.replacing(name, with: value)
        }
        // Like the other peers it ends when its input does, so that no way out of the tests leaves it behind. By SIGKILL, and
        // unawaited: what a thread of Dispatch starts has SIGTERM and SIGCHLD blocked.
        process = try ForeignPeer(
            command: "/bin/sh",
            [
                "-c", #""$@" 2>&1 & exec >&-; read -r _; kill -KILL $!"#, "sh", program, "--config-yaml", setup, "--concurrency",
                "1", "--disable-hot-restart", "--log-level", "warning", "--component-log-level", "config:info",
            ])
        var log = ""
        repeat {
            let line = try #require(try await process.line(), "Envoy ended:\n\(log)")
            log += line + "\n"
        } while !log.contains("starting workers")
        // The next thing that it does is to listen.
        while (try? LoopbackSocket.connect(port: port)) == nil { await Task.yield() }
    }

    /// Ends it, with all of its connections.
    func stop() async throws {
        _ = try await process.finish()
    }
}

/// Runs `body` with a client that calls the server on that port through an Envoy, and ends both.
func callingThroughEnvoy<Result>(
    _ port: Int, callsPerConnection: Int = 0, longestDeadline: String = "0s", _ body: (RPCClient) async throws -> Result
) async throws -> Result {
    let envoy = try await Envoy(upstream: port, callsPerConnection: callsPerConnection, longestDeadline: longestDeadline)
    let client = try RPCClient(host: "127.0.0.1", port: envoy.port, security: .plaintext)
    do {
        let result = try await body(client)
        await client.shutdown()
        try await envoy.stop()
        return result
    } catch {
        await client.shutdown()
        try await envoy.stop()
        throw error
    }
}
