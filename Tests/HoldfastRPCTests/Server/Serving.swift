import Holdfast
import HoldfastRPC

/// Runs `body` with a server on a free port, and ends it.
func serving(
    _ services: [any RPCService], interceptors: [ServerInterceptor] = [],
    configuration: RPCServer.Configuration = RPCServer.Configuration(), host: String = "127.0.0.1",
    _ body: (RPCServer) async throws -> Void
) async throws {
    let server = try await RPCServer.start(
        host: host, port: 0, security: .plaintext, services: services, interceptors: interceptors, configuration: configuration)
    do {
        try await body(server)
    } catch {
        await server.shutdown(grace: .zero)
        throw error
    }
    await server.shutdown(grace: .zero)
}

/// Runs `body` with a client, and ends it.
func calling<Result>(_ server: RPCServer, _ body: (RPCClient) async throws -> Result) async throws -> Result {
    let client = try RPCClient(host: server.host, port: server.port, security: .plaintext)
    do {
        let result = try await body(client)
        await client.shutdown()
        return result
    } catch {
        await client.shutdown()
        throw error
    }
}
