import Holdfast
public import HoldfastPolicyFiles
import HoldfastRPC
public import NIOCore
import NIOHTTP1
public import NIOPosix
import NIOWebSocket

/// Offers the methods of gRPC services over HTTP/1.1 with JSON and over WebSocket, and protects what is behind it.
///
/// ```swift
/// let gateway = try await Gateway.start(
///     host: "127.0.0.1", port: 8000, routes: [GatewayRoute("Echo", .post, "/v1/echo", SayEchoMethods.echo, client)])
/// ...
/// await gateway.shutdown(grace: .seconds(10))
/// ```
///
/// Calls go through the policies of their client; what clients may ask is for the `limits`. An error is
/// `{"error":{"code":14,"message":"...",...}}`, with the HTTP status that grpc-gateway gives its code, or the last message of a stream
/// that has begun. A WebSocket at the same path carries the same messages, a frame each; see the close codes in the README.
public final class Gateway: Sendable {
    /// The address that it listens on.
    public let host: String
    /// The port that it listens on.
    public let port: Int

    private let channel: any Channel
    private let connections: GatewayConnections
    private let service: GatewayService

    private init(_ host: String, _ port: Int, _ channel: any Channel, _ connections: GatewayConnections, _ service: GatewayService) {
        self.host = host
        self.port = port
        self.channel = channel
        self.connections = connections
        self.service = service
    }

    /// Starts to serve.
    /// - Parameters:
    ///   - host: the address to listen on.
    ///   - port: 0 picks a free one.
    ///   - routes: what is offered.
    ///   - limits: policies around the routes, by `holdfast.Gateway/NAME`: quotas by `peer`, which is the client's key or address,
    ///     bulkheads, timeouts, load shedding. Changes of its document are in force for the next request. None by default.
    ///   - configuration: what is accepted, and for how long.
    ///   - eventLoopGroup: its event loops carry the connections. It must outlive the gateway.
    ///   - onRequest: told of each request when it is done; it must return quickly. Nothing by default.
    /// - Throws: `ConfigurationError`, `ServerStartError`, and `DocumentError` when the limits have what cannot stand around a route, which
    ///   runs once: a retry, a hedge or a fallback.
    public static func start(
        host: String, port: Int, routes: [GatewayRoute], limits: PolicyRegistry? = nil,
        configuration: Configuration = Configuration(),
        eventLoopGroup: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
        onRequest: @escaping @Sendable (AccessRecord) -> Void = { _ in }
    ) async throws -> Gateway {
        try configuration.check()
        try await limits?.guardHandlers()
        let service = try GatewayService(routes, ClientLimits(registry: limits), configuration, onRequest)
        let connections = GatewayConnections(
            limit: configuration.maximumConnections, perAddress: configuration.maximumConnectionsPerAddress)
        let bootstrap = ServerBootstrap(group: eventLoopGroup)
            .serverChannelOption(.backlog, value: 1_024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.socketOption(.so_keepalive), value: 1)
            // Bounds what one read can bring beyond what was asked for.
            .childChannelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 16 * 1024))
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let refusal = connections.add(channel) {
                        service.refused(refusal, channel.remoteAddress)
                        try channel.pipeline.syncOperations.addHandler(FullHouse(refusal))
                    } else {
                        try ConnectionSetup.addHandlers(to: channel, service)
                    }
                }
            }
        guard (0...65_535).contains(port) else { throw ConfigurationError("port", port, "is outside 0...65535") }
        let channel: any Channel
        do {
            channel = try await bootstrap.bind(host: host, port: port).get()
        } catch {
            throw ServerStartError(bindingTo: host, port, error)
        }
        return Gateway(host, channel.localAddress?.port ?? port, channel, connections, service)
    }

    /// Stops without losing a request that has been taken.
    ///
    /// It listens no more, and closes connections that are idle. Requests under way may finish for at most `grace`, and the connection
    /// closes behind them; a WebSocket takes no more messages, and is closed with 1001 when those it has are answered. What then still
    /// runs is ended: with 503, or 1001.
    /// - Parameter grace: zero or more.
    public func shutdown(grace: Duration) async {
        try? await channel.close()
        connections.tell(.drain)
        let end = TimeSource.system.now().advanced(by: grace)
        let stop = TimeSource.system.schedule(at: end) { [service, connections] in
            service.stop()
            connections.tell(.stop)
        }
        // Those that do not even let themselves be ended.
        let last = TimeSource.system.schedule(at: end.advanced(by: service.configuration.closeTimeout)) { [connections] in
            connections.close()
        }
        await connections.empty()
        stop.cancel()
        last.cancel()
    }
}

/// The handlers of a new connection.
private enum ConnectionSetup {
    /// The upgrade to WebSocket stands last, and sees only requests that have been agreed to.
    static func addHandlers(to channel: any Channel, _ service: GatewayService) throws {
        let configuration = service.configuration
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderFieldSize = configuration.maximumHeaderSize
        limits.maxHeaderListSize = configuration.maximumHeaderSize
        limits.maxHeaderFieldCount = configuration.maximumHeaderCount
        let encoder = HTTPResponseEncoder()
        let decoder = ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .forwardBytes, limitConfiguration: limits))
        let pipelining = HTTPServerPipelineHandler()
        let validator = NIOHTTPResponseHeadersValidator()
        let connection = HTTPConnection(service)
        let bound = NIOLoopBound(connection, eventLoop: channel.eventLoop)
        let upgrader = NIOTypedWebSocketServerUpgrader(
            maxFrameSize: configuration.maximumMessageLength, enableAutomaticErrorHandling: false,
            shouldUpgrade: { channel, _ in channel.eventLoop.makeSucceededFuture(bound.value.upgradeHeaders) },
            upgradePipelineHandler: { channel, _ in bound.value.becomeWebSocket(channel) })
        let upgrade = NIOTypedHTTPServerUpgradeHandler(
            httpEncoder: encoder,
            // In this order: what the decoder leaves over are frames, which the connection must not see.
            extraHTTPHandlers: [connection, decoder, pipelining, validator],
            upgradeConfiguration: NIOTypedHTTPServerUpgradeConfiguration(upgraders: [upgrader]) { channel in
                channel.eventLoop.makeFailedFuture(ChannelError.inappropriateOperationForState)
            })
        let operations = channel.pipeline.syncOperations
        try operations.addHandlers(encoder, decoder, pipelining, validator, connection, upgrade)
        connection.upgraded = upgrade.upgradeResultFuture
    }
}
