import NIOCore
import NIOHTTP1
import NIOPosix

/// The admin API of a proxy: HTTP and JSON, on an address of its own.
///
/// It has no authentication: whoever reaches it may do everything.
package final class ProxyAdmin: Sendable {
    private static let longestSilence = TimeAmount.seconds(60)
    private static let mostConnections = 100

    package let address: TCPAddress
    private let channel: any Channel

    private init(_ channel: any Channel, address: TCPAddress) {
        self.channel = channel
        self.address = address
    }

    /// Begins to serve.
    /// - Throws: ``FaultProxy/Failure`` when the address cannot be listened on.
    package static func start(_ proxy: FaultProxy, listen: TCPAddress) async throws -> ProxyAdmin {
        let routes = try await proxy.eventLoop.submit { [core = proxy.core] in
            NIOLoopBound(AdminRoutes(core.value), eventLoop: core.value.eventLoop)
        }.get()
        let open = NIOLoopBoundBox.makeBoxSendingValue(0, eventLoop: proxy.eventLoop)
        let bootstrap = ServerBootstrap(group: proxy.eventLoop)
            .serverChannelOption(.backlog, value: 64)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                open.value += 1
                channel.closeFuture.whenComplete { _ in open.value -= 1 }
                return channel.eventLoop.makeCompletedFuture {
                    guard open.value <= mostConnections else { throw ChannelError.connectPending }
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline(withErrorHandling: true)
                    try channel.pipeline.syncOperations.addHandler(IdleStateHandler(readTimeout: longestSilence))
                    try channel.pipeline.syncOperations.addHandler(AdminHandler(routes.value))
                }
            }
        do {
            let channel = try await bootstrap.bind(to: listen.socketAddress).get()
            return ProxyAdmin(channel, address: channel.localAddress.map { TCPAddress($0) } ?? listen)
        } catch {
            throw FaultProxy.Failure(description: "cannot listen on \(listen.text): \(error)")
        }
    }

    /// Serves no more.
    package func close() async {
        try? await channel.close().get()
    }
}
