package import Holdfast
package import HoldfastRPC

/// A server and clients in one process, that talk over a socket all the same.
package struct TalkStage: Sendable {
    /// What became of notices at the receiver.
    package final class Record: Sendable {
        private let texts = Locked<[String]>([])

        /// The notices that were carried out, in order.
        package var carriedOut: [String] { texts.withLock { $0 } }

        package init() {}

        /// Notes one.
        package func note(_ text: String) {
            texts.withLock { $0.append(text) }
        }
    }

    package let server: RPCServer
    package let record: Record
    private let configuration: RPCClient.Configuration

    /// Runs `body` with a server on a free port, and ends it.
    /// - Parameters:
    ///   - policies: what stands around the calls of the clients.
    ///   - losses: the share of calls that are lost, 0 to 1.
    ///   - random: which.
    package static func with<Result>(
        policies: RouteTable, losses: Double, random: RandomSource, _ body: (TalkStage) async throws -> Result
    ) async throws -> Result {
        let record = Record()
        let service = TalkService(carry: { record.note($0.text) })
        let server = try await RPCServer.start(
            host: "127.0.0.1", port: 0, security: .plaintext, services: [service],
            interceptors: [Losses(share: losses, random: random).interceptor])
        var configuration = RPCClient.Configuration()
        configuration.policies = policies
        do {
            let result = try await body(TalkStage(server: server, record: record, configuration: configuration))
            await server.shutdown(grace: .zero)
            return result
        } catch {
            await server.shutdown(grace: .zero)
            throw error
        }
    }

    /// Runs `body` with a client of that name, and ends it.
    package func with<Result>(_ name: String, _ body: (TalkClient) async throws -> Result) async throws -> Result {
        let client = try RPCClient(host: server.host, port: server.port, security: .plaintext, configuration: configuration)
        do {
            let result = try await body(TalkClient(client, name: name))
            await client.shutdown()
            return result
        } catch {
            await client.shutdown()
            throw error
        }
    }
}
