import Holdfast
import NIOCore

/// Drives a session over a channel: feeds it what is read, acts on its events, and writes what it has to say, once for
/// each read or batch of submissions. The two ends of a connection are subclasses.
class SessionHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// The most that is gathered for one write.
    private static let writeLimit = 256 * 1024

    final let session: HTTP2Session
    private(set) final var context: ChannelHandlerContext?
    private final var batch: [SessionEvent] = []
    private final var isFlushing = false
    private final var hasEnded = false
    private final var failure: String?

    init(session: HTTP2Session) {
        self.session = session
    }

    // For the subclasses to fill in.

    /// The channel is connected.
    func started() {}
    /// Something has happened. Must not call ``flush()``.
    func handle(_ event: SessionEvent) {}
    /// The channel is gone. Called once.
    func ended(_ reason: String) {}

    // For the subclasses to use.

    /// Writes what the session has to send, acts on what follows from it, and closes the channel when all is said.
    final func flush() {
        guard !isFlushing, let context else { return }
        isFlushing = true
        defer { isFlushing = false }
        dispatch()
        do throws(SessionError) {
            while context.channel.isWritable {
                var buffer = context.channel.allocator.buffer(capacity: 1_024)
                _ = try session.writeOutput(to: &buffer, limit: Self.writeLimit)
                if buffer.readableBytes > 0 { context.writeAndFlush(wrapOutboundOut(buffer), promise: nil) }
                // Sending closes streams, which lets others begin.
                if session.events.isEmpty, buffer.readableBytes < Self.writeLimit { break }
                dispatch()
            }
        } catch {
            return close(error.description)
        }
        if session.isOver { close(session.complaint) }
    }

    /// Closes the channel.
    final func close(_ reason: String?) {
        if failure == nil { failure = reason }
        context?.close(promise: nil)
    }

    private func dispatch() {
        while !session.events.isEmpty {
            swap(&batch, &session.events)
            for event in batch { handle(event) }
            batch.removeAll(keepingCapacity: true)
        }
        session.returnWindows()
    }

    // ChannelInboundHandler

    final func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if context.channel.isActive { start() }
    }

    final func channelActive(context: ChannelHandlerContext) {
        start()
        context.fireChannelActive()
    }

    private final var hasStarted = false

    private func start() {
        guard !hasStarted else { return }
        hasStarted = true
        started()
        flush()
    }

    final func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !hasEnded else { return }
        let buffer = unwrapInboundIn(data)
        do {
            try buffer.withUnsafeReadableBytes { try session.receive($0) }
            dispatch()
        } catch {
            // What nghttp2 wants to say about it (a GOAWAY) goes out before the end.
            dispatch()
            flush()
            close("\(error)")
        }
    }

    final func channelReadComplete(context: ChannelHandlerContext) {
        flush()
    }

    final func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { flush() }
    }

    final func errorCaught(context: ChannelHandlerContext, error: any Error) {
        close("\(error)")
    }

    final func channelInactive(context: ChannelHandlerContext) {
        end()
        context.fireChannelInactive()
    }

    final func handlerRemoved(context: ChannelHandlerContext) {
        end()
    }

    private func end() {
        guard !hasEnded else { return }
        hasEnded = true
        context = nil
        ended(failure ?? "the peer closed the connection")
        session.forgetStreams()
    }
}
