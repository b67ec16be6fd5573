import Foundation
import Holdfast
import HoldfastPolicyFiles
import HoldfastRPC

@testable import Talk

/// The policies that the package ships for the Talk service.
enum TalkPolicies {
    static func shipped() throws -> RouteTable {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        return try PolicyDocument(path: root.appendingPathComponent("Policies/talk.json").path)
            .makeRouteTable(PolicyOptions(methods: TalkMethods.all))
    }
}

/// Runs `body` with a Talk service, with what stands around its handlers, and a maker of its clients.
func withTalk(
    _ service: TalkService = TalkService(), interceptors: [ServerInterceptor] = [],
    _ body: (_ port: Int) async throws -> Void
) async throws {
    let server = try await RPCServer.start(
        host: "127.0.0.1", port: 0, security: .plaintext, services: [service], interceptors: interceptors)
    do {
        try await body(server.port)
    } catch {
        await server.shutdown(grace: .zero)
        throw error
    }
    await server.shutdown(grace: .zero)
}

/// Runs `body` with a client of a port.
func withClient<Result>(
    _ name: String, _ port: Int, _ configuration: RPCClient.Configuration = RPCClient.Configuration(),
    _ body: (TalkClient, RPCClient) async throws -> Result
) async throws -> Result {
    let client = try RPCClient(host: "127.0.0.1", port: port, security: .plaintext, configuration: configuration)
    do {
        let result = try await body(TalkClient(client, name: name), client)
        await client.shutdown()
        return result
    } catch {
        await client.shutdown()
        throw error
    }
}
