#if TLS
import Holdfast

@testable import HoldfastRPC

/// Runs `body` with a server of the four kinds over TLS on a free port.
func withTLSServer<Result>(
    _ options: RPCServer.TLSOptions, _ body: (RPCServer, RPCServer.TransportSecurity) async throws -> Result
) async throws -> Result {
    let security = try RPCServer.TransportSecurity.tls(options)
    let server = try await RPCServer.start(host: "127.0.0.1", port: 0, security: security, services: [FourKindsService()])
    do {
        let result = try await body(server, security)
        await server.shutdown(grace: .zero)
        return result
    } catch {
        await server.shutdown(grace: .zero)
        throw error
    }
}

/// Makes one call with a client of its own, and says how that ended.
func tryCall(
    host: String = "127.0.0.1", port: Int, security: RPCClient.TransportSecurity,
    configuration: RPCClient.Configuration = RPCClient.Configuration()
) async -> RPCError? {
    let client: RPCClient
    do {
        client = try RPCClient(host: host, port: port, security: security, configuration: configuration)
    } catch {
        return .local(.invalidArgument, "\(error)")
    }
    var failure: RPCError?
    do {
        _ = try await client.unary(FourKinds.unary, "x")
    } catch {
        failure = error as? RPCError ?? .local(.internalError, "\(error)")
    }
    await client.shutdown()
    return failure
}
#endif
