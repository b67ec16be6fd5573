import HoldfastRPC

/// Runs `body` with a server of the four kinds on a free port, and a client of it.
func withServer(
    configuration: RPCServer.Configuration = RPCServer.Configuration(), interceptors: [ServerInterceptor] = [],
    _ body: (RPCClient, RPCServer, ServiceLog) async throws -> Void
) async throws {
    let service = FourKindsService()
    let server = try await RPCServer.start(
        host: "127.0.0.1", port: 0, security: .plaintext, services: [service], interceptors: interceptors, configuration: configuration)
    let client = try RPCClient(host: "127.0.0.1", port: server.port, security: .plaintext)
    do {
        try await body(client, server, service.log)
    } catch {
        await client.shutdown()
        await server.shutdown(grace: .zero)
        throw error
    }
    await client.shutdown()
    await server.shutdown(grace: .zero)
}
