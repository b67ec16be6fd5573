import HoldfastRPC
package import NIOCore
import NIOHTTP1
import NIOPosix

/// HTTP for operators, on an address of its own: few clients, small requests, and little patience with those that are slow.
package final class AdminServer: Sendable {
    /// Answers one request; what it may do it decides by itself.
    package typealias Respond = @Sendable (AdminRequest) async -> AdminAnswer

    private static let mostConnections = 100

    /// Where it listens.
    package let address: TCPAddress
    private let channel: any Channel
    private let connections: AdminConnections

    private init(_ channel: any Channel, _ connections: AdminConnections, address: TCPAddress) {
        self.channel = channel
        self.connections = connections
        self.address = address
    }

    /// Begins to serve.
    /// - Parameters:
    ///   - listen: the address; port 0 picks a free one.
    ///   - patience: how long a client may take to send a request, counted from the connection's beginning or the answer before, and how
    ///     long to take an answer.
    ///   - respond: gives the answers, to each connection one after the other.
    /// - Throws: ``AdminFailure`` when the address cannot be listened on.
    package static func start(
        listen: TCPAddress, patience: TimeAmount = .seconds(30), respond: @escaping Respond
    ) async throws(AdminFailure) -> AdminServer {
        let eventLoop = MultiThreadedEventLoopGroup.singleton.next()
        let connections = AdminConnections(eventLoop)
        let bootstrap = ServerBootstrap(group: eventLoop)
            .serverChannelOption(.backlog, value: 64)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    guard connections.add(channel, most: mostConnections) else { throw ChannelError.connectPending }
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline(withErrorHandling: true)
                    try channel.pipeline.syncOperations.addHandler(AdminHandler(patience: patience, respond))
                }
            }
        do {
            let channel = try await bootstrap.bind(to: listen.socketAddress).get()
            return AdminServer(channel, connections, address: channel.localAddress.map { TCPAddress($0) } ?? listen)
        } catch {
            throw AdminFailure(
                "\(ServerStartError(bindingTo: listen.socketAddress.ipAddress ?? listen.text, listen.socketAddress.port ?? 0, error))")
        }
    }

    /// Serves no more, and ends the connections there are.
    package func close() async {
        try? await channel.close().get()
        await connections.close()
    }
}

/// The open connections. Lives on their event loop.
private final class AdminConnections: Sendable {
    private let open: NIOLoopBoundBox<[ObjectIdentifier: any Channel]>
    private let eventLoop: any EventLoop

    init(_ eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
        open = NIOLoopBoundBox.makeBoxSendingValue([:], eventLoop: eventLoop)
    }

    /// False if there are as many as there may be.
    func add(_ channel: any Channel, most: Int) -> Bool {
        guard open.value.count < most else { return false }
        let id = ObjectIdentifier(channel)
        open.value[id] = channel
        channel.closeFuture.whenComplete { [open] _ in open.value[id] = nil }
        return true
    }

    func close() async {
        try? await eventLoop.submit { [open] in
            for channel in open.value.values { channel.close(promise: nil) }
        }.get()
    }
}
