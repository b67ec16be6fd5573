import Holdfast
public import NIOCore
public import NIOPosix

/// A gRPC server on one address.
///
/// ```swift
/// let server = try await RPCServer.start(host: "127.0.0.1", port: 50051, security: .plaintext, services: [SayService()])
/// ...
/// await server.shutdown(grace: .seconds(5))
/// ```
public final class RPCServer: Sendable {
    /// The address, as it was given; the path of a Unix domain socket.
    public let host: String
    /// The port; the one that was picked if 0 was given, and 0 for a Unix domain socket.
    public let port: Int

    let configuration: Configuration
    private let services: [any RPCService]
    private let channel: any Channel
    private let connections: ServerConnections
    private let socketFile: UnixSocketFile?

    private init(
        _ listener: ServerListener, _ channel: any Channel, _ connections: ServerConnections, _ services: [any RPCService],
        _ configuration: Configuration
    ) {
        switch listener {
        case .tcp(let host, let port):
            self.host = host
            self.port = channel.localAddress?.port ?? port
            socketFile = nil
        case .unix(let path):
            host = path
            port = 0
            socketFile = UnixSocketFile(listeningOn: path)
        }
        self.channel = channel
        self.connections = connections
        self.services = services
        self.configuration = configuration
    }

    /// Starts to serve over TCP.
    /// - Parameters:
    ///   - host: the address to listen on, of IPv4 or IPv6: `127.0.0.1`, `::1`, `0.0.0.0` and `::` for all of either kind.
    ///   - port: 0 picks a free one.
    ///   - security: TLS, or plaintext if that is meant.
    ///   - services: what is offered.
    ///   - interceptors: run around every handler, the first outermost.
    ///   - configuration: limits.
    ///   - eventLoopGroup: its event loops carry the connections; handlers run elsewhere. It must outlive the server.
    /// - Throws: `ConfigurationError`, ``ServerStartError``.
    public static func start(
        host: String, port: Int, security: TransportSecurity, services: [any RPCService], interceptors: [ServerInterceptor] = [],
        configuration: Configuration = Configuration(),
        eventLoopGroup: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    ) async throws -> RPCServer {
        try await start(.tcp(host: host, port: port), security, services, interceptors, configuration, eventLoopGroup)
    }

    /// Starts to serve over a Unix domain socket.
    /// - Parameters:
    ///   - path: where the socket's file is made, at most 103 bytes. One that is there already is removed if nobody listens on it.
    ///     The directory's permissions decide who may connect.
    ///   - security: TLS, or plaintext if that is meant.
    ///   - services: what is offered.
    ///   - interceptors: run around every handler, the first outermost.
    ///   - configuration: limits.
    ///   - eventLoopGroup: its event loops carry the connections; handlers run elsewhere. It must outlive the server.
    /// - Throws: `ConfigurationError`, ``ServerStartError``.
    public static func start(
        unixSocket path: String, security: TransportSecurity, services: [any RPCService], interceptors: [ServerInterceptor] = [],
        configuration: Configuration = Configuration(),
        eventLoopGroup: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    ) async throws -> RPCServer {
        try await start(.unix(path: path), security, services, interceptors, configuration, eventLoopGroup)
    }

    private static func start(
        _ listener: ServerListener, _ security: TransportSecurity, _ services: [any RPCService],
        _ interceptors: [ServerInterceptor], _ configuration: Configuration, _ group: any EventLoopGroup
    ) async throws -> RPCServer {
        try configuration.validate()
        var router = RPCRouter()
        for service in services { service.register(on: &router) }
        router.complete()
        let connections = ServerConnections(limit: configuration.maximumConnections)

        var bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 1_024)
            .childChannelInitializer { [router] channel in
                channel.eventLoop.makeCompletedFuture {
                    guard connections.enter() else { throw TooManyConnections() }
                    channel.closeFuture.whenComplete { _ in connections.leave() }
                    try security.addHandlers(to: channel)
                    let connection = try ServerConnection(
                        router: router, interceptors: interceptors, configuration: configuration,
                        onStart: { connections.add($0) }, onEnd: { connections.remove($0) })
                    try channel.pipeline.syncOperations.addHandler(connection)
                }
            }
        if listener.isTCP {
            bootstrap = bootstrap.serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
        }
        let channel = try await listener.bind(bootstrap, group)
        return RPCServer(listener, channel, connections, services, configuration)
    }

    /// The acceptor closes a connection whose initializer throws.
    private struct TooManyConnections: Error {}

    /// Stops without losing a call that has been accepted.
    ///
    /// Tells the services first (the health service turns to NOT_SERVING), stops listening, and asks clients to go elsewhere (GOAWAY,
    /// as RFC 9113, section 6.8, describes). Calls that run may finish for at most `grace`; those that then still run are ended with
    /// UNAVAILABLE and their handlers cancelled. A handler that does not obey is not waited for. When the task that shuts the server
    /// down is cancelled, the grace is over.
    /// - Parameter grace: zero or more; ``Configuration/shutdownGrace`` when nil.
    public func shutdown(grace: Duration? = nil) async {
        for service in services { service.serverWillShutDown() }
        // A listener's file goes first: whoever finds none must not wait for this server.
        socketFile?.remove()
        try? await channel.close()
        connections.drain()
        let end = TimeSource.system.now().advanced(by: grace ?? configuration.shutdownGrace)
        let limit = TimeSource.system.schedule(at: end) { [connections] in connections.stop() }
        await connections.empty()
        limit.cancel()
    }
}
