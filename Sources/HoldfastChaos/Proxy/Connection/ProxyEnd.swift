import NIOCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// One end of a connection through the proxy: the client's or the service's.
final class ProxyEnd: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    /// Kept for as long as anything can come from the channel.
    private var connection: ProxyConnection?
    /// The way from here, and the way to here.
    private let from: Relay
    private let to: Relay
    private var context: ChannelHandlerContext?
    private var hasFailed = false
    /// Told once the channel is connected.
    var whenActive: (() -> Void)?

    init(_ connection: ProxyConnection, from: Relay, to: Relay) {
        self.connection = connection
        self.from = from
        self.to = to
    }

    var isWritable: Bool { context?.channel.isWritable ?? false }

    func read() { context?.read() }

    func write(_ bytes: ByteBuffer) { context?.write(NIOAny(bytes), promise: nil) }

    func flush() { context?.flush() }

    /// Says that nothing more comes.
    func finish() { context?.close(mode: .output, promise: nil) }

    func close() { context?.close(promise: nil) }

    /// Ends with RST.
    func reset() {
        guard let context else { return }
        (context.channel as? any SocketOptionProvider)?.setSoLinger(linger(l_onoff: 1, l_linger: 0)).whenComplete { _ in }
        context.close(promise: nil)
    }

    // ChannelInboundHandler

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func channelActive(context: ChannelHandlerContext) {
        whenActive?()
        whenActive = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        from.receive(unwrapInboundIn(data))
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        from.readIsComplete()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        to.pump()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed? = event as? ChannelEvent { from.receiveEnd() }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        hasFailed = true
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.context = nil
        // An end whose other way has ended before is closed at once, without the event that tells of it.
        if !hasFailed, to.isFinished { from.receiveEnd() }
        connection?.gone(isReset: hasFailed, hasEnded: from.hasEnd && to.isFinished)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        connection = nil
    }
}
