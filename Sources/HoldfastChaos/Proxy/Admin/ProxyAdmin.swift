package import HoldfastAdmin
import NIOCore
import NIOHTTP1

/// The admin API of a proxy: HTTP and JSON, on an address of its own.
///
/// It has no authentication: whoever reaches it may do everything.
package final class ProxyAdmin: Sendable {
    private let server: AdminServer

    /// Where it listens.
    package var address: TCPAddress { server.address }

    private init(_ server: AdminServer) {
        self.server = server
    }

    /// Begins to serve.
    /// - Throws: `AdminFailure` when the address cannot be listened on.
    package static func start(_ proxy: FaultProxy, listen: TCPAddress) async throws -> ProxyAdmin {
        let eventLoop = proxy.eventLoop
        let routes = try await eventLoop.submit { [core = proxy.core] in
            NIOLoopBound(AdminRoutes(core.value), eventLoop: core.value.eventLoop)
        }.get()
        return ProxyAdmin(
            try await AdminServer.start(listen: listen) { request in
                do {
                    return try await eventLoop.submit { routes.value.answer(request) }.get()
                } catch {
                    return .refusal(.serviceUnavailable, "the proxy ends")
                }
            })
    }

    /// Serves no more.
    package func close() async {
        await server.close()
    }
}
