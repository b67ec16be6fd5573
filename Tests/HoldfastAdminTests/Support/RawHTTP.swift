import NIOCore
import NIOPosix

/// A connection on which anything can be said, and which takes what comes back until its end.
final class RawHTTP: Sendable {
    private let channel: any Channel
    private let all: EventLoopFuture<String>

    private init(_ channel: any Channel, _ all: EventLoopFuture<String>) {
        self.channel = channel
        self.all = all
    }

    static func connect(_ port: Int) async throws -> RawHTTP {
        let eventLoop = MultiThreadedEventLoopGroup.singleton.next()
        let all = eventLoop.makePromise(of: String.self)
        do {
            let channel = try await ClientBootstrap(group: eventLoop)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(Collector(all)) }
                }
                .connect(host: "127.0.0.1", port: port).get()
            return RawHTTP(channel, all.futureResult)
        } catch {
            all.fail(error)
            throw error
        }
    }

    /// Says something; nobody need listen.
    func send(_ text: String) {
        channel.writeAndFlush(ByteBuffer(string: text), promise: nil)
    }

    /// All that came until the other side hung up.
    func answer() async throws -> String {
        try await all.get()
    }

    func close() async {
        try? await channel.close().get()
    }

    private final class Collector: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        private let promise: EventLoopPromise<String>
        private var text = ""

        init(_ promise: EventLoopPromise<String>) {
            self.promise = promise
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            text += String(buffer: unwrapInboundIn(data))
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            context.close(promise: nil)
        }

        func channelInactive(context: ChannelHandlerContext) {
            promise.succeed(text)
        }
    }
}
