import Holdfast
import NIOCore
import NIOPosix

/// A socket that says what a test has it say.
final class RawClient: Sendable {
    private let channel: any Channel
    private let chunks: AsyncStream<[UInt8]>
    /// What has come behind the last answer's head.
    private let rest = Locked<[UInt8]>([])

    /// - Parameter address: the address that it calls from; nil for whichever the system takes.
    static func connect(port: Int, from address: String? = nil) async throws -> RawClient {
        let (chunks, continuation) = AsyncStream<[UInt8]>.makeStream()
        var bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        if let address { bootstrap = bootstrap.bind(to: try SocketAddress(ipAddress: address, port: 0)) }
        let channel =
            try await bootstrap
            .channelOption(.autoRead, value: false)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(Collector(continuation)) }
            }
            .connect(host: "127.0.0.1", port: port).get()
        return RawClient(channel, chunks)
    }

    private init(_ channel: any Channel, _ chunks: AsyncStream<[UInt8]>) {
        self.channel = channel
        self.chunks = chunks
    }

    deinit { channel.close(promise: nil) }

    func send(_ text: String) async throws { try await send(Array(text.utf8)) }

    func send(_ bytes: [UInt8]) async throws { try await channel.writeAndFlush(ByteBuffer(bytes: bytes)) }

    func close() async throws { try await channel.close() }

    /// Reads until what has come since the last call satisfies `isEnough`, or to the end.
    func receive(until isEnough: ([UInt8]) -> Bool = { _ in false }) async -> [UInt8] {
        try? await channel.setOption(.autoRead, value: true).get()
        var received = rest.withLock { rest in
            defer { rest = [] }
            return rest
        }
        guard received.isEmpty || !isEnough(received) else { return received }
        for await chunk in chunks {
            received += chunk
            if isEnough(received) { break }
        }
        return received
    }

    func text(until end: String) async -> String {
        String(decoding: await receive { String(decoding: $0, as: UTF8.self).contains(end) }, as: UTF8.self)
    }

    /// Reads an answer's head; what follows, which need not be text, is left for the next to read.
    func head() async -> String {
        let end = Array("\r\n\r\n".utf8)
        let received = await receive { $0.contains(end) }
        let head = received.firstRange(of: end).map { received[..<$0.upperBound] } ?? received[...]
        rest.withLock { $0 = Array(received[head.endIndex...]) }
        return String(decoding: head, as: UTF8.self)
    }

    func textToEnd() async -> String { String(decoding: await receive(), as: UTF8.self) }

    private final class Collector: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        private let chunks: AsyncStream<[UInt8]>.Continuation

        init(_ chunks: AsyncStream<[UInt8]>.Continuation) { self.chunks = chunks }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) { chunks.yield(Array(unwrapInboundIn(data).readableBytesView)) }

        func channelInactive(context: ChannelHandlerContext) { chunks.finish() }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}
