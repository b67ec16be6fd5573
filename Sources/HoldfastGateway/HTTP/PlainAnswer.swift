import HoldfastPolicyFiles
import NIOCore
import NIOHTTP1

/// An answer to somebody who has not asked, as it stands on the wire.
enum PlainAnswer {
    static func bytes(_ refusal: HTTPRefusal) -> ByteBuffer {
        let body = ErrorAnswer(refusal).json.text + "\n"
        let more = refusal.headers.map { "\($0): \($1)\r\n" }.joined()
        return ByteBuffer(
            string: "HTTP/1.1 \(refusal.status.code) \(refusal.status.reasonPhrase)\r\n\(more)Content-Type: application/json\r\n"
                + "Content-Length: \(body.utf8.count)\r\nConnection: close\r\n\r\n\(body)")
    }
}

/// Tells a client that there is no room for it.
final class FullHouse: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private static let patience = Duration.seconds(1)

    private let refusal: HTTPRefusal

    init(_ refusal: HTTPRefusal) {
        self.refusal = refusal
    }

    func channelActive(context: ChannelHandlerContext) {
        let answer = PlainAnswer.bytes(refusal)
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        context.writeAndFlush(NIOAny(answer), patience: Self.patience).whenComplete { _ in bound.value.close(promise: nil) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {}
}

extension ChannelHandlerContext {
    /// Writes, and closes the connection when its peer takes nothing for that long.
    func writeAndFlush(_ data: NIOAny, patience: Duration) -> EventLoopFuture<Void> {
        let (channel, eventLoop) = (channel, eventLoop)
        let written = writeAndFlush(data)
        let waiting = NIOLoopBoundBox(Int.max, eventLoop: eventLoop)
        let watch = eventLoop.scheduleRepeatedTask(initialDelay: TimeAmount(patience), delay: TimeAmount(patience)) { _ in
            let left = (try? channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? waiting.value
            if left < waiting.value { waiting.value = left } else { channel.close(promise: nil) }
        }
        written.whenComplete { _ in watch.cancel() }
        return written
    }
}
