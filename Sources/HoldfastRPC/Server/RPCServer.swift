import Holdfast
public import NIOCore
public import NIOPosix
import Synchronization

/// A gRPC server on one address.
///
/// ```swift
/// let server = try await RPCServer.start(host: "127.0.0.1", port: 50051, security: .plaintext, services: [SayService()])
/// ...
/// await server.shutdown(grace: .seconds(5))
/// ```
public final class RPCServer: Sendable {
    /// The address, as it was given.
    public let host: String
    /// The port; the one that was picked if 0 was given.
    public let port: Int

    private let channel: any Channel
    private let connections: ServerConnections

    private init(host: String, port: Int, channel: any Channel, connections: ServerConnections) {
        self.host = host
        self.port = port
        self.channel = channel
        self.connections = connections
    }

    /// Starts to serve.
    /// - Parameters:
    ///   - host: the address to listen on.
    ///   - port: 0 picks a free one.
    ///   - security: TLS, or plaintext if that is meant.
    ///   - services: what is offered.
    ///   - interceptors: run around every handler, the first outermost.
    ///   - configuration: limits.
    ///   - eventLoopGroup: its event loops carry the connections; handlers run elsewhere. It must outlive the server.
    /// - Throws: ``ServerStartError``.
    public static func start(
        host: String, port: Int, security: TransportSecurity, services: [any RPCService], interceptors: [ServerInterceptor] = [],
        configuration: Configuration = Configuration(),
        eventLoopGroup: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    ) async throws -> RPCServer {
        guard (0...65_535).contains(port) else { throw ServerStartError(description: "\(port) is no port; give 0 to 65535") }
        var router = RPCRouter()
        for service in services { service.register(on: &router) }
        let connections = ServerConnections()
        let limits = configuration.sessionLimits

        let bootstrap = ServerBootstrap(group: eventLoopGroup)
            .serverChannelOption(.backlog, value: 1_024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { [router] channel in
                channel.eventLoop.makeCompletedFuture {
                    try security.addHandlers(to: channel)
                    let id = ObjectIdentifier(channel)
                    let connection = try ServerConnection(
                        router: router, interceptors: interceptors, limits: limits,
                        onStart: { connections.add($0, id: id) }, onEnd: { connections.remove(id: id) })
                    try channel.pipeline.syncOperations.addHandler(connection)
                }
            }
        do {
            let channel = try await bootstrap.bind(host: host, port: port).get()
            return RPCServer(host: host, port: channel.localAddress?.port ?? port, channel: channel, connections: connections)
        } catch {
            throw ServerStartError(bindingTo: host, port, error)
        }
    }

    /// Stops: takes no new calls, lets those that run finish for at most `grace`, and closes all connections.
    public func shutdown(grace: Duration = .seconds(5)) async {
        try? await channel.close()
        connections.drain()
        let limit = TimeSource.system.schedule(at: TimeSource.system.now().advanced(by: grace)) { [connections] in
            connections.stop()
        }
        await connections.empty()
        limit.cancel()
    }
}
